/*
 * exchange: one request that is sent to another server, and the reply to this request.
 *
 *     serve.c --> tries.c: ASKING --connected--> HEAD --head--> deliver.c: BODY --> ENDING --> done
 *                            ^                     |                 `--101--> TUNNEL
 *                            `-- the next server --'
 *
 * A function that changes the exchange returns the result of a phase handler: WAIT, DONE,
 * REFUSE or RESTART. For an event of the upstream's connection, call such a function inside
 * client_resume, and pass its result to exchange_settle.
 */
#ifndef PROXY_EXCHANGE_H
#define PROXY_EXCHANGE_H

#include "http/request/request.h"
#include "http/wire/input.h"
#include "modules/proxy/body/store.h"
#include "modules/proxy/body/stream.h"
#include "modules/proxy/body/tunnel.h"
#include "modules/proxy/message/reply.h"
#include "modules/proxy/proxy.h"
#include "modules/proxy/record.h"
#include "modules/proxy/settings.h"
#include "modules/proxy/target.h"
#include "modules/upstream/upstream.h"

struct exchange {
	struct request *r;
	const struct proxy_location *l;
	struct destination to;
	struct upstream_use use;
	enum { ASKING, HEAD, BODY, TUNNEL, ENDING } state;

	struct str head; /* the head of the request */
	/* proxy_set_body; data NULL means that the client's body is sent */
	struct str set_body;
	bool with_body; /* the client's body is sent */
	/* proxy_request_buffering is off: each piece of the body is sent when it comes */
	bool streams;
	/* A server has got a part of the body, and no copy of this part is kept. So the request
	 * cannot be sent to another server. */
	bool stream_began;
	bool stream_ended;
	bool head_only; /* the method is HEAD */
	bool upgrades;
	struct str head_left; /* the part of the head that is not sent yet */
	struct chain *body_left;
	bool sent_all, send_failed;

	struct input *input; /* the head of the reply */
	struct reply reply;
	struct stream stream;
	struct store store;
	struct tunnel tunnel;
	int interims;

	struct attempt *attempt;
	int64_t head_received; /* bytes of the reply's head, without bytes of the body */
	int64_t began;
	int tries;
	void (*notice_client)(struct request *main);
	/* gated: the gate was asked; kept: the gate gets the bytes of the reply */
	bool gated, kept;
	bool stored; /* x->store gets the bytes of the reply */
};

extern const struct gate *exchange_gate; /* NULL means that there is no gate */

struct exchange *exchange_create(struct request *r); /* returns NULL when there is no memory */

static inline struct exchange *exchange_of(const struct request *r)
{
	return request_context(r, &proxy_module);
}

/* Stores how long the attempt took. Called when the attempt is over. */
void exchange_note_end(struct exchange *x);

/* Called when the request does not use the connection any more. `keep`: another request may
 * use the connection. */
void exchange_give_back(struct exchange *x, bool keep);
/* Closes the connection, and counts a failure of the server. */
void exchange_blame(struct exchange *x);

/* Called when no server is left. If the gate has no answer, the client gets this status. */
enum phase_result exchange_give_up(struct exchange *x, int status, enum gate_failure why);
/* Called when the client has got only a part of the response, and the rest cannot follow. The
 * client's connection is closed, so that the client notices the missing part. */
enum phase_result exchange_end_short(struct exchange *x);

/* Acts on the result of a handler, for callers that cannot return this result. */
void exchange_settle(struct request *r, enum phase_result result);

/* Logs "WHAT while DOING upstream, upstream: ...". */
void exchange_log(const struct exchange *x, const char *what, const char *doing);

/* From now on, `notice` is called when the client's socket is readable, so that the proxy
 * notices a client that leaves. This ends when the connection is given back. With
 * proxy_ignore_client_abort, nothing is called. */
void exchange_watch_client(struct exchange *x, void (*notice)(struct request *main));

#endif
