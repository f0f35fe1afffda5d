/*
 * finish: how a request begins and ends.
 *
 *     request_begin: checks the head, then runs the phases
 *     request_finish (for a main request): sends the pending bytes, reads the rest of the
 *         body, and tells the connection that the request is finished
 *     request_end: runs the log phase, then frees the memory
 *
 * request_pump is for handlers whose response comes one piece at a time.
 */
#ifndef HTTP_FINISH_H
#define HTTP_FINISH_H

#include "http/request/request.h"

/* Call request_begin after the head was read. The function checks the head, finds the
 * server, and runs the phases. */
void request_begin(struct request *r);

/* This function is r->finish of a main request. */
void response_finish(struct request *r);

void request_end(struct request *r);

/*
 * A handler that has returned PHASE_WAIT can send a response in pieces. Give a piece to
 * filter_body, then call request_pump. When the socket has taken all bytes, on_room is called
 * once. Give the next piece, and call request_pump again. After the last piece, call
 * request_finish. While bytes wait, send_timeout runs. A client that takes no byte in this time
 * is lost.
 *
 * For a subrequest, on_room is called only while the subrequest is the active request
 * (subrequest.h). In an event of another connection or of a thread, call these functions inside
 * client_resume.
 */
void request_pump(struct request *r, void (*on_room)(struct request *r));

#endif
