/*
 * refuse: the answer when there is no other: an error, a redirect, an empty
 * success. Where error_page leads somewhere else, we go there first.
 */
#ifndef HTTP_REFUSE_H
#define HTTP_REFUSE_H

#include "http/request/request.h"

/* PHASE_DONE: answered; PHASE_RESTART: error_page has sent the request elsewhere. */
enum phase_result refuse(struct request *r, int status);

/* The built-in page, whatever error_page says. */
enum phase_result refuse_plainly(struct request *r, int status);

#endif
