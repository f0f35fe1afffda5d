/*
 * phases: runs the phases of a request (http/site/phase.h).
 */
#ifndef HTTP_PHASES_H
#define HTTP_PHASES_H

#include "http/request/request.h"

enum satisfy { SATISFY_ALL, SATISFY_ANY };

struct phase_rules {
	int satisfy; /* enum satisfy */
	bool internal;
};

extern struct module phases_module;

static inline const struct phase_rules *phase_rules(const struct request *r)
{
	return request_section(r, LEVEL_LOCATION, &phases_module);
}

/* Runs the phases from r->phase on, until a handler waits or the request is finished. */
void phase_run(struct request *r);
/* Call phase_refuse from code that is not a phase handler. The request is answered with this
 * status, or with the page of error_page. */
void phase_refuse(struct request *r, int status);
void phase_run_log(struct request *r);

#endif
