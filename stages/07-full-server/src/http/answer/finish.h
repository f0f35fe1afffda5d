/*
 * finish: how a request begins and ends.
 *
 *     request_begin: the head is checked, then the phases
 *     request_finish, of a main request: what is pending goes to the socket, the rest of
 *         the body is read, and the connection is told
 *     request_end: the log phase, then the memory
 *
 * request_pump is for handlers whose answer comes a piece at a time.
 */
#ifndef HTTP_FINISH_H
#define HTTP_FINISH_H

#include "http/request/request.h"

/* After the head: server, keep-alive, body; then the phases. */
void request_begin(struct request *r);

/* The `finish` of a main request. */
void response_finish(struct request *r);

void request_end(struct request *r);

/*
 * A handler that has returned PHASE_WAIT has given a piece (filter_body) and has another one, or
 * will have. Calls on_room once, when the client has taken everything so far: give the next
 * piece then, and call this again, or request_finish behind the last one. A client that takes
 * nothing for send_timeout is lost; as long as nothing waits for it, it may wait for us.
 *
 * Of subrequests, only the one whose output goes on is asked for more. From an event that is
 * not the client's own, call all of these inside client_resume.
 */
void request_pump(struct request *r, void (*on_room)(struct request *r));

#endif
