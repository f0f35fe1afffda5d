/*
 * http.h - makes the answer to a request. Knows nothing about sockets.
 *
 * We speak HTTP/1.1: the length of an answer says where it ends, so that another one can follow
 * on the same connection.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What the client gets: the text first, then the rest of the file. */
struct response {
	char text[PATH_MAX + 512]; /* the head; for an error also its body of one line */
	size_t text_length;
	int file; /* -1: none; the caller closes it */
	off_t file_left;
	bool keepalive; /* the connection stays; the client is told so */
};

/* Opens the folder to serve. Ends the process if it can't. */
void http_open_root(const char *path);
void http_close_root(void);

/* Makes the answer to a request whose head is complete, or is to be refused. */
struct request;
void http_answer(struct request *r);
