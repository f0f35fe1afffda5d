/*
 * input: the bytes of a message that a connection has received. Inputs contain the head and the
 * first part of the body. Parsed parts point into the input, so its bytes do not move until the
 * message is over. A long message has several inputs.
 *
 * The code that reads the connection owns the input. This is the client (serve.c) or the
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

/* Reads into the newest input. If there is no struct input yet, or the newest one is full, the
 * function creates an input of `size` bytes first. */
enum io_result input_read(struct input **newest, struct conn *conn, size_t size);

void inputs_destroy(struct input **newest); /* destroys all inputs of the message */
/* Destroys all inputs except the newest. Call it only when no pointer leads into the older
 * inputs. */
void inputs_keep_newest(struct input **newest);
/* frees the unused inputs that were kept for the next connections */
void inputs_release_kept(void);

static inline bool input_has_bytes(const struct input *in)
{
	return in != NULL && in->line < in->last;
}

#endif
