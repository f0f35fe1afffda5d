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
#include "io/temp_file.h"

enum body_in_file { BODY_IN_FILE_OFF, BODY_IN_FILE_ON, BODY_IN_FILE_CLEAN };

struct body_rules { /* client_body_* */
	int64_t timeout, buffer_size;
	int in_file; /* enum body_in_file */
	const struct temp_folder *temp;
};

extern struct module body_module;

static inline const struct body_rules *body_rules(const struct request *r)
{
	return request_section(r, LEVEL_LOCATION, &body_module);
}

struct body {
	uint64_t size; /* decoded so far */
	char *memory;  /* in the request's pool; it has `room` bytes */
	size_t used, room;
	int fd;          /* of the temporary file; -1: none */
	struct str path; /* of that file, if it has a name */
	int64_t left;    /* Content-Length: what has not come yet */
	struct chunked chunked;
	bool complete;
	bool has_input; /* we may read into the client's newest input */
	bool wanted;    /* true: keep the body; false: read and drop it */
	bool streamed;  /* by body_stream: `memory` holds one piece at a time */
	int refusal;    /* body_stream: the status if the rest cannot come; 0: more may come */
	void (*on_ready)(struct request *r);
};

enum body_result {
	BODY_READY,   /* the body is complete, in r->body */
	BODY_WAIT,    /* on_ready will be called; the handler returns PHASE_WAIT */
	BODY_REFUSED, /* r->refusal says why; the handler returns PHASE_REFUSE */
};

enum body_result body_read(struct request *r, void (*on_ready)(struct request *r));

/*
 * Results. BODY_READY: a piece of `used` bytes is in r->body->memory, or the body is complete.
 * BODY_WAIT: on_more will be called when there is a piece, the end, or a `refusal`. Call
 * body_stream for the first piece. Call body_next when you have used a piece: it brings the
 * next one.
 */
enum body_result body_stream(struct request *r, void (*on_more)(struct request *r));
enum body_result body_next(struct request *r);

/* For http/request. True: the input has no byte of the body any more. */
bool body_discard(struct request *r, void (*on_done)(struct request *r));
bool body_is_complete(const struct request *r);

/* The body as bufs, to send it to another server. NULL and errno 0: it is empty. */
struct chain *body_chain(struct request *r);

#endif
