/*
 * send: writes a response to the socket. One call sends at most as many bytes as the socket has
 * room for, as limit_rate allows, and as one client may send in one turn of the event loop.
 */
#ifndef HTTP_SEND_H
#define HTTP_SEND_H

#include "http/request/request.h"
#include "http/wire/output.h"

struct send_rules {
	int64_t timeout;
	int64_t rate, rate_after; /* limit_rate and limit_rate_after */
	/* postpone_output; CONF_UNSET means that bytes wait until the turn ends */
	int64_t postpone;
	int64_t max_chunk; /* sendfile_max_chunk */
	int nodelay, nopush, reset_timedout;
};

extern struct module send_module;

static inline const struct send_rules *send_rules(const struct request *r)
{
	return request_section(r, LEVEL_LOCATION, &send_module);
}

/* Starts the timer: the client has send_timeout to take more bytes. */
void send_wait(struct request *r);

/* Sends as many bytes of r->pending as possible. */
enum send_result send_request(struct request *r);

/*
 * send_read_with sets the function that reads files, so that the loop does not wait for the
 * disk. `read` is called when r->pending begins with a file. SEND_DONE means that the front of
 * r->pending can be sent without waiting. SEND_AGAIN means that r->on_writable will be called.
 * SEND_ERROR means that the file cannot be read; the error has been logged.
 */
void send_read_with(enum send_result (*read)(struct request *r));

#endif
