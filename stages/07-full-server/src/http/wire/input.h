/*
 * input: the bytes that a connection has sent and that are still needed: a head, the first part
 * of a body. The parsed parts point into the input, so its bytes stay where they are until the
 * message is over. A long message has several inputs.
 *
 * An input belongs to the code that reads the connection: for a client its requests, for
 * another server its answer.
 */
#ifndef HTTP_INPUT_H
#define HTTP_INPUT_H

#include "event/conn.h"

struct input {
	struct input *older; /* the one before it, of the same message */
	size_t size;
	char *line; /* everything before it is parsed */
	char *scan; /* where the search for the end of the line goes on */
	char *last; /* the end of the bytes that were read */
	char *end;
	char bytes[];
};

struct input *input_create(size_t size); /* NULL: no memory */
void input_destroy(struct input *in);

/* Reads into the newest input. If there is none, or it is full, a new one of `size` is made. */
enum io_result input_read(struct input **newest, struct conn *conn, size_t size);

void inputs_destroy(struct input **newest); /* all */
/* frees the others: no pointer leads into them */
void inputs_keep_newest(struct input **newest);
void inputs_release_kept(void); /* frees the inputs that are kept to be used again */

static inline bool input_has_bytes(const struct input *in)
{
	return in != NULL && in->line < in->last;
}

#endif
