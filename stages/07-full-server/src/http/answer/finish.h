/*
 * finish: how a request begins and ends.
 *
 *     request_begin: checks the head, then runs the phases
 *     request_finish, of a main request: sends the pending bytes, reads the rest of the
 *         body, and tells the connection
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

/* The function r->finish of a main request. */
void response_finish(struct request *r);

void request_end(struct request *r);

/*
 * For a handler that has returned PHASE_WAIT, has given a piece to filter_body, and will have
 * another piece. request_pump calls on_room once, when the client has taken all bytes so far.
 * Then give the next piece, and call request_pump again. After the last piece, call
 * request_finish. While bytes wait for the client, send_timeout runs: a client that takes none
 * of them in this time is lost.
 *
 * For a subrequest, on_room is called only while this subrequest is the active request
 * (subrequest.h). In an event of another connection or of a thread, call these functions inside
 * client_resume.
 */
void request_pump(struct request *r, void (*on_room)(struct request *r));

#endif
