/*
 * phase: a request passes eleven phases in order. Modules add handlers to all but the three in
 * capitals, which are the server's own.
 *
 *   post-read -> server rewrite -> FIND LOCATION -> rewrite -> POST-REWRITE --.
 *                                       ^                                     |
 *                                       `------------- the URI changed -------+
 *   log <- content <- pre-content <- POST-ACCESS <- access <- pre-access <----'
 *
 * Within a phase handlers run in the order of the module table. A handler never waits: it
 * returns PHASE_WAIT and calls phase_run (http/answer/phases.h) when it can go on; then the
 * same handler is called again.
 */
#ifndef HTTP_PHASE_H
#define HTTP_PHASE_H

#include <stdint.h>

struct request;
struct http;
struct conf;

enum phase {
	PHASE_POST_READ,
	PHASE_SERVER_REWRITE,
	PHASE_FIND_LOCATION, /* ours */
	PHASE_REWRITE,
	PHASE_POST_REWRITE, /* no work: a rewrite that changed the URI has set the phase back itself */
	PHASE_PRE_ACCESS,
	PHASE_ACCESS,
	PHASE_POST_ACCESS, /* ours */
	PHASE_PRE_CONTENT,
	PHASE_CONTENT,
	PHASE_LOG, /* run by the server when the response is complete */
	PHASES
};

enum phase_result {
	PHASE_NEXT,    /* does not apply: call the next handler */
	PHASE_PASS,    /* this phase is done: go on with the next phase (access: allowed) */
	PHASE_RESTART, /* another URI or phase was set (request_redirect): go on from there */
	PHASE_WAIT,    /* the handler will call phase_run or request_finish later */
	PHASE_DONE,    /* the whole response has been handed to the filters */
	PHASE_REFUSE,  /* answer with request_refuse's status */
};

enum { PHASE_HANDLERS_MAX = 24 };

struct phase_handlers {
	enum phase_result (*handlers[PHASE_HANDLERS_MAX])(struct request *r);
	uint32_t count;
	enum phase next; /* phases without any work are left out */
};

struct phase_table {
	struct phase_handlers of[PHASES];
};

int phase_add(struct conf *cf, enum phase phase, enum phase_result (*handler)(struct request *r));

#endif
