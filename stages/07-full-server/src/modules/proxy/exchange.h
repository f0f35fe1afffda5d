/*
 * exchange: one request, sent to another server, and the reply to it.
 *
 *     serve.c --> tries.c: ASKING --connected--> HEAD --head--> deliver.c: BODY --> ENDING --> done
 *                            ^                     |                 `--101--> TUNNEL
 *                            `-- the next server --'
 *
 * Functions that act on it return what a phase handler returns: WAIT, DONE, REFUSE, RESTART. For an
 * event of the other connection they are called inside client_resume, and exchange_settle does the
 * rest.
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

	struct str head;     /* of the request */
	struct str set_body; /* proxy_set_body; data NULL: the client's */
	bool with_body;      /* the client's body is sent */
	bool streams;        /* as it comes: proxy_request_buffering off */
	bool stream_began;   /* a part of it has gone to a server, and is not kept */
	bool stream_ended;
	bool head_only; /* the method is HEAD */
	bool upgrades;
	struct str head_left; /* not sent yet */
	struct chain *body_left;
	bool sent_all, send_failed;

	struct input *input; /* the head of the reply */
	struct reply reply;
	struct stream stream;
	struct store store;
	struct tunnel tunnel;
	int interims;

	struct attempt *attempt;
	int64_t head_received; /* bytes of the connection before those of the body */
	int64_t began;
	int tries;
	void (*notice_client)(struct request *main);
	bool gated, kept; /* the gate was asked; it gets the bytes */
	bool stored;      /* x->store gets them */
};

extern const struct gate *exchange_gate; /* NULL: nothing stands there */

struct exchange *exchange_create(struct request *r); /* NULL: no memory */

static inline struct exchange *exchange_of(const struct request *r)
{
	return request_context(r, &proxy_module);
}

/* The attempt is over: how long it took. */
void exchange_note_end(struct exchange *x);

/* The connection is not used any more; `keep`: another request may use it. */
void exchange_give_back(struct exchange *x, bool keep);
/* The same, and the server is to blame. */
void exchange_blame(struct exchange *x);

/* No server is left: the gate may have an answer, otherwise it is this status. */
enum phase_result exchange_give_up(struct exchange *x, int status, enum gate_failure why);
/* The response that the client has begun to get stays short, and its end says so. */
enum phase_result exchange_end_short(struct exchange *x);

/* Does what a result says, outside of the handlers. */
void exchange_settle(struct request *r, enum phase_result result);

/* "WHAT while DOING upstream, upstream: ..." */
void exchange_log(const struct exchange *x, const char *what, const char *doing);

/* From now on: what the client does is noticed; and until the connection is given back. */
void exchange_watch_client(struct exchange *x, void (*notice)(struct request *main));

#endif
