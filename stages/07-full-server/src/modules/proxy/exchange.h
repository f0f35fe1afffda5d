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
	struct str set_body; /* proxy_set_body; data NULL: the client's body is sent */
	bool with_body;      /* the client's body is sent */
	bool streams;        /* proxy_request_buffering off: the body is sent while it comes */
	bool stream_began;   /* a server has got a part of the body, and no copy of it is kept */
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
	int64_t head_received; /* bytes that were read for the head, and not for the body */
	int64_t began;
	int tries;
	void (*notice_client)(struct request *main);
	bool gated, kept; /* gated: the gate was asked. kept: it gets the bytes */
	bool stored;      /* x->store gets them */
};

extern const struct gate *exchange_gate; /* NULL: there is no gate */

struct exchange *exchange_create(struct request *r); /* NULL: no memory */

static inline struct exchange *exchange_of(const struct request *r)
{
	return request_context(r, &proxy_module);
}

/* The attempt is over: stores how long it took. */
void exchange_note_end(struct exchange *x);

/* The request does not use the connection any more. `keep`: another request may. */
void exchange_give_back(struct exchange *x, bool keep);
/* The same, and it counts as a failure of the server. */
void exchange_blame(struct exchange *x);

/* No server is left: the gate may have an answer, otherwise the client gets this status. */
enum phase_result exchange_give_up(struct exchange *x, int status, enum gate_failure why);
/* The client has got a part of the response. It stays cut short, and its end shows that. */
enum phase_result exchange_end_short(struct exchange *x);

/* Acts on the result, for code that is no handler. */
void exchange_settle(struct request *r, enum phase_result result);

/* "WHAT while DOING upstream, upstream: ..." */
void exchange_log(const struct exchange *x, const char *what, const char *doing);

/* From now on the code notices what the client does, until the connection is given back. */
void exchange_watch_client(struct exchange *x, void (*notice)(struct request *main));

#endif
