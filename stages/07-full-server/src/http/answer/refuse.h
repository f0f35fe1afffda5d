/*
 * refuse: the built-in answers: an error, a redirect, an empty success. If error_page names
 * another place, the request is sent there first.
 */
#ifndef HTTP_REFUSE_H
#define HTTP_REFUSE_H

#include "http/request/request.h"

/* PHASE_DONE: the request is answered. PHASE_RESTART: error_page has sent it to another URI. */
enum phase_result refuse_with_page(struct request *r, int status);

/* The built-in page, whatever error_page says. */
enum phase_result refuse_with_text(struct request *r, int status);

#endif
