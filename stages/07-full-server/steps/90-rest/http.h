/*
 * http.h - makes the answer to a request. Knows nothing about sockets.
 *
 * We speak HTTP/1.1: the length of an answer says where it ends, so that another one can follow
 * on the same connection.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "io/buf.h"

struct response {
	struct chain *pending; /* what the client gets, and has not got yet */
	int file;              /* -1: none; closed with the request's pool */
	off_t length;
	bool keepalive; /* the connection stays; the client is told so */
};

/* Opens the folder to serve. Ends the process if it can't. */
void http_open_root(const char *name);

/* Opens it again: its name may mean another folder now. -1, with errno: the old one stays. */
int http_reopen_root(void);
void http_close_root(void);

/* Makes the answer to a request whose head is complete, or is to be refused. -1: no memory. */
struct request;
int http_answer(struct request *r);
int http_answer_text(struct request *r, struct str text);
