/*
 * refuse: the built-in responses for errors, redirects, and successes without a body. If
 * error_page names a URI or a location for the status, the request continues there instead.
 */
#ifndef HTTP_REFUSE_H
#define HTTP_REFUSE_H

#include "http/request/request.h"

/* Refuses the request with this status. PHASE_DONE means that the request is answered.
 * PHASE_RESTART means that the request continues with the URI of error_page (an internal
 * redirect). */
enum phase_result refuse_with_page(struct request *r, int status);

/* Sends the built-in page; error_page has no influence. */
enum phase_result refuse_with_text(struct request *r, int status);

#endif
