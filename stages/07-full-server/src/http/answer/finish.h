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

/* Call it after the head was read. It finds the server, sets keep-alive and body, then runs the
 * phases. */
void request_begin(struct request *r);

/* r->finish of a main request. */
void response_finish(struct request *r);

void request_end(struct request *r);

/*
 * For a handler that has returned PHASE_WAIT, has given a piece (filter_body), and has another
 * one, or will have. Calls on_room once, when the client has taken all bytes so far. Give the next
 * piece then, and call this again; after the last piece, call request_finish. A client that takes
 * nothing for send_timeout is lost, but only while bytes wait for it.
 *
 * For a subrequest, on_room is called only while it is the active one (subrequest.h). From an
 * event of another connection or of a thread, call all of these inside client_resume.
 */
void request_pump(struct request *r, void (*on_room)(struct request *r));

#endif
