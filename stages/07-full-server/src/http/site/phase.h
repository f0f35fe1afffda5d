/*
 * phase: a request passes eleven phases in order. Modules can add handlers to all phases except
 * the three in capitals. The server itself does the work of these three.
 *
 *   post-read -> server rewrite -> FIND LOCATION -> rewrite -> POST-REWRITE --.
 *                                       ^                                     |
 *                                       `------------- the URI changed -------+
 *   log <- content <- pre-content <- POST-ACCESS <- access <- pre-access <----'
 *
 * Within a phase, handlers run in the order of the module table. A handler never blocks. If it
 * must wait, it returns PHASE_WAIT. Later it calls phase_run (http/answer/phases.h), and
 * phase_run calls the same handler again.
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
	PHASE_FIND_LOCATION, /* work of the server itself */
	PHASE_REWRITE,
	/* no work: a rewrite that changed the URI has already gone back to
	 * PHASE_FIND_LOCATION */
	PHASE_POST_REWRITE,
	PHASE_PRE_ACCESS,
	PHASE_ACCESS,
	PHASE_POST_ACCESS, /* work of the server itself */
	PHASE_PRE_CONTENT,
	PHASE_CONTENT,
	PHASE_LOG, /* the server runs these handlers when the response is complete */
	PHASES
};

enum phase_result {
	PHASE_NEXT, /* the handler has nothing to decide: call the next handler */
	/* this phase is done: go on with the next phase; in the access phase, PASS allows the
	 * request */
	PHASE_PASS,
	/* the handler has set another URI or phase (request_redirect): continue with it */
	PHASE_RESTART,
	PHASE_WAIT,   /* the handler waits; it will call phase_run or request_finish later */
	PHASE_DONE,   /* the handler has given the whole response to the filters */
	PHASE_REFUSE, /* answer with the status that request_refuse has set */
};

enum { PHASE_HANDLERS_MAX = 24 };

struct phase_handlers {
	enum phase_result (*handlers[PHASE_HANDLERS_MAX])(struct request *r);
	uint32_t count;
	enum phase next; /* the next phase that has work */
};

struct phase_table {
	struct phase_handlers of[PHASES];
};

int phase_add(struct conf *cf, enum phase phase, enum phase_result (*handler)(struct request *r));

#endif
