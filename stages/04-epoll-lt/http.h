/*
 * http.h - a request's head in, an answer out. Knows nothing of sockets.
 *
 * We speak HTTP/1.0: one request a connection, and the close ends the answer. Of the head we
 * read the request line alone; no header changes what a server this simple does.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What goes to the client: the text first, then what is left of the file. */
struct response {
	char text[PATH_MAX + 512]; /* the head, and an error's one line of body */
	size_t text_length;
	int file; /* -1: none; the caller closes it */
	off_t file_left;
};

/* The folder that is served; dies if it can't be. */
void http_open_root(const char *path);
void http_close_root(void);

/* Is the head all there, up to its empty line? */
bool http_head_complete(const char *head, size_t length);

/* The answer to a head: complete, or already too long. Cuts the head to pieces. */
void http_answer(struct response *r, char *head, size_t length);
