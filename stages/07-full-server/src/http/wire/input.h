/*
 * input: the bytes that a connection has received and that are still needed: a head, and the
 * first part of a body. Parsed parts point into the input, so its bytes stay where they are
 * until the message is over. A long message has several inputs.
 *
 * An input belongs to the code that reads the connection: to the client (serve.c), or to the
 * exchange with an upstream (modules/proxy).
 */
#ifndef HTTP_INPUT_H
#define HTTP_INPUT_H

#include "event/conn.h"

struct input {
	struct input *older; /* the input before this one, of the same message */
	size_t size;
	char *line; /* everything before this position is parsed */
	char *scan; /* the search for the end of the line continues here */
	char *last; /* the end of the bytes that were read */
	char *end;
	char bytes[];
};

struct input *input_create(size_t size); /* returns NULL if there is no memory */
void input_destroy(struct input *in);

/* Reads into the newest input. If there is no input, or the newest is full, first creates an
 * input of `size` bytes. */
enum io_result input_read(struct input **newest, struct conn *conn, size_t size);

void inputs_destroy(struct input **newest); /* destroys all inputs of the message */
/* Destroys all inputs except the newest. Call it only when no pointer leads into the others. */
void inputs_keep_newest(struct input **newest);
void inputs_release_kept(void); /* frees the inputs that input_destroy has kept */

static inline bool input_has_bytes(const struct input *in)
{
	return in != NULL && in->line < in->last;
}

#endif
