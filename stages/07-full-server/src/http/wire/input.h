/*
 * input: the bytes that a connection has sent and that are still wanted: a head,
 * the begin of a body. What is made of them points into the input, so its bytes
 * stay where they are until the message is over; a longer one has several.
 *
 * It belongs to whoever reads the connection: a client's requests, or an answer
 * that comes from another server.
 */
#ifndef HTTP_INPUT_H
#define HTTP_INPUT_H

#include "event/conn.h"

struct input {
	struct input *older; /* of the same message */
	size_t size;
	char *line; /* not parsed yet from here */
	char *scan; /* searched up to here for the end of the line */
	char *last; /* read up to here */
	char *end;
	char bytes[];
};

struct input *input_create(size_t size); /* NULL: no memory */
void input_destroy(struct input *in);

/* Reads into the newest input. If there is none, or it is full, a new one of `size` is made. */
enum io_result input_read(struct input **newest, struct conn *conn, size_t size);

void inputs_destroy(struct input **newest);     /* all */
void inputs_keep_newest(struct input **newest); /* nothing points into older ones */
void inputs_release_kept(void);                 /* that are free, and kept for the next reader */

static inline bool input_has_bytes(const struct input *in)
{
	return in != NULL && in->line < in->last;
}

#endif
