/*
 * body: reads the body of a request for handlers that use it, and drops it for the others.
 *
 * It is kept in memory up to client_body_buffer_size, and in a temporary file
 * beyond. Content-Length and chunked look the same from here.
 *
 * A handler that passes it on at once has it piece by piece: body_stream. Then it is never in a
 * file, and the client is not read while the handler has not used the last piece.
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
	bool has_input; /* we may read into the client's newest input */
	bool wanted;    /* keep it; otherwise it is read and dropped */
	bool streamed;  /* body_stream: `memory` holds one piece */
	int refusal;    /* body_stream: the status that says why no more comes; 0: more may come */
	void (*on_ready)(struct request *r);
};

enum body_result {
	BODY_READY,   /* the body is complete, in r->body */
	BODY_WAIT,    /* on_ready will be called; the handler returns PHASE_WAIT */
	BODY_REFUSED, /* r->refusal says why; the handler returns PHASE_REFUSE */
};

enum body_result body_read(struct request *r, void (*on_ready)(struct request *r));

/*
 * READY: a piece is in r->body->memory, `used` bytes; or the body is complete. WAIT: on_more will be
 * called when there is a piece, or the end, or `refusal`. body_stream begins; body_next says that the
 * piece has been used, and goes on.
 */
enum body_result body_stream(struct request *r, void (*on_more)(struct request *r));
enum body_result body_next(struct request *r);

/* For request.c. True: no byte of the body is left in the input. */
bool body_discard(struct request *r, void (*on_done)(struct request *r));
bool body_is_complete(const struct request *r);

/* The body as bufs, for sending it on; NULL and errno 0: it is empty. */
struct chain *body_chain(struct request *r);

#endif
