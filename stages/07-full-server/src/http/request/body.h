/*
 * body: the body of a request, for those who want it, and out of the way for
 * those who do not.
 *
 * It is kept in memory up to client_body_buffer_size, and in a temporary file
 * beyond. Content-Length and chunked look the same from here.
 */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include "http/message/dechunk.h"
#include "http/request/request.h"

struct body {
	uint64_t size; /* decoded so far */
	char *memory;  /* in the request's pool; up to `room` */
	size_t used, room;
	int fd;          /* of the temporary file; -1: none */
	struct str path; /* of that file, if it has a name */
	int64_t left;    /* Content-Length: what has not come yet */
	struct chunked chunked;
	bool complete;
	bool has_input; /* the client's newest input is ours to read into */
	bool wanted;    /* keep it; otherwise it is read and dropped */
	void (*on_ready)(struct request *r);
};

enum body_result {
	BODY_READY,   /* it is whole: r->body has it */
	BODY_WAIT,    /* on_ready will be called; the handler returns PHASE_WAIT */
	BODY_REFUSED, /* r->refusal says why; the handler returns PHASE_REFUSE */
};

enum body_result body_read(struct request *r, void (*on_ready)(struct request *r));

/* For request.c. True: it is out of the way, or never was in it. */
bool body_discard(struct request *r, void (*on_done)(struct request *r));
bool body_is_complete(const struct request *r);

/* The body as bufs, for sending it on; NULL and errno 0: it is empty. */
struct chain *body_chain(struct request *r);

#endif
