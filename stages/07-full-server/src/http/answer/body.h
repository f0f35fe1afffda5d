/*
 * body: reads the body of a request for a handler. If no handler uses the body, the server
 * reads and drops it.
 *
 * The body is kept in memory up to client_body_buffer_size; a larger body goes to a temporary
 * file. A handler sees no difference between a body with Content-Length and a chunked body.
 *
 * A handler that forwards each piece immediately can read the body piece by piece with
 * body_stream. Such a body is never in a file. The server reads the next piece from the client
 * only when the handler has used the piece before it.
 */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include "http/message/dechunk.h"
#include "http/request/request.h"
#include "io/temp_file.h"

enum body_in_file { BODY_IN_FILE_OFF, BODY_IN_FILE_ON, BODY_IN_FILE_CLEAN };

struct body_rules { /* the directives client_body_* */
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
	uint64_t size; /* number of bytes of the body that were decoded */
	/* memory in the pool of the request; `room` is its size, `used` says how many bytes
	 * are filled */
	char *memory;
	size_t used, room;
	int fd;          /* the temporary file; -1 if there is none */
	struct str path; /* the path of that file, if it has a name */
	int64_t left;    /* with Content-Length: bytes that have not come yet */
	struct chunked chunked;
	bool complete;
	bool has_input; /* the body has an input of its own: the client's newest input */
	bool wanted;    /* true: keep the body; false: read and drop the body */
	bool streamed;  /* body_stream has set this: `memory` holds only one piece at a time */
	/* for body_stream: if the rest cannot come, the status to refuse with; otherwise 0 */
	int refusal;
	void (*on_ready)(struct request *r);
};

enum body_result {
	BODY_READY,   /* the complete body is in r->body */
	BODY_WAIT,    /* on_ready will be called later; the handler returns PHASE_WAIT */
	BODY_REFUSED, /* r->refusal is the status; the handler returns PHASE_REFUSE */
};

enum body_result body_read(struct request *r, void (*on_ready)(struct request *r));

/*
 * Call body_stream for the first piece. When you have used a piece, call body_next for the next
 * one. BODY_READY means that a piece of `used` bytes is in r->body->memory, or that the body is
 * complete. BODY_WAIT means that on_more will be called when there is a piece, the end of the
 * body, or a `refusal`.
 */
enum body_result body_stream(struct request *r, void (*on_more)(struct request *r));
enum body_result body_next(struct request *r);

/* Drops the rest of the body after the response. Returns true if the rest is dropped, or if the
 * connection will not be kept. Otherwise on_done is called later. */
bool body_discard(struct request *r, void (*on_done)(struct request *r));
bool body_is_complete(const struct request *r);

/* Returns the body as a chain of bufs, to send it to another server. NULL with errno 0 means
 * that the body is empty; NULL with another errno means that there is no memory. */
struct chain *body_chain(struct request *r);

#endif
