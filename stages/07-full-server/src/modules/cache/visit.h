/*
 * visit: one request at the cache.
 *
 *     gate.c    the proxy asks: what is stored? what may the other server be asked? its reply
 *     wait.c    proxy_cache_lock: another request is fetching the same
 *     send.c    what is stored goes to the client; a stale one is refreshed meanwhile
 *     keep.c    the reply becomes a file, or confirms one
 */
#ifndef CACHE_VISIT_H
#define CACHE_VISIT_H

#include "event/timer.h"
#include "modules/cache/files/cache_file.h"
#include "modules/cache/rules/vary.h"
#include "modules/cache/settings.h"
#include "modules/proxy/proxy.h"

enum cache_status {
	CACHE_NONE,
	CACHE_MISS,
	CACHE_BYPASS,
	CACHE_EXPIRED,
	CACHE_STALE,
	CACHE_UPDATING,
	CACHE_REVALIDATED,
	CACHE_HIT,
	CACHE_STATUSES
};

struct visit {
	struct request *r;
	const struct cache_settings *s;
	const struct cache_path *path;
	enum cache_status status;
	struct str key;
	struct control asked; /* the Cache-Control of the request */

	/* what is stored */
	struct cache_name first; /* of the key */
	/* the name of the variant for this request; before that is known, of the key */
	struct cache_name name;
	const struct stored *first_head; /* of the first file of the key; NULL: there is none */
	bool found;
	struct cached_file file; /* the file that fits the request, if there is one */
	struct index_look look;

	/* what will be done with the reply: */
	bool unsafe;     /* a method that is not safe: what is stored may become invalid */
	bool stores;     /* the reply may be stored */
	bool validates;  /* the stored validators are sent, so the reply may be a 304 */
	bool background; /* it refreshes what is stored, and sends nothing to a client */
	int64_t sent;    /* when the upstream was asked */
	uint32_t fill;   /* from index_begin_fill: this request fetches `name`; 0: it does not */
	struct cache_name fill_name;
	bool writes;
	struct writing writing;
	struct cache_name written; /* the name of that file */

	/* waiting */
	struct timer timer;
	int64_t wait_until;
};

/* How often each status was the outcome, for /status. */
extern uint64_t visit_counts[CACHE_STATUSES];

static inline struct zone *visit_zone(const struct visit *v)
{
	return v->path->zone;
}

/* ---- gate.c */

/* Looks for a file that fits the request. */
void visit_look_up(struct visit *v);
/* Decides what to do with the file that was found. Returns the result of a phase handler;
 * PHASE_NEXT: ask the upstream. */
enum phase_result visit_decide(struct visit *v);
bool visit_begin_fill(struct visit *v);
void visit_end_fill(struct visit *v, int64_t size);
/* SUB refreshes the file that was found. It gets a visit of its own, and is the request that
 * fetches. */
void visit_hand_over(struct visit *v, struct request *sub);

/* ---- wait.c */

enum phase_result visit_wait(struct visit *v);

/* ---- send.c */

enum phase_result visit_send(struct visit *v, enum cache_status status);
/* Sends the stale file, and starts a background request that fetches it again. That request
 * takes over `fill`. */
enum phase_result visit_send_and_update(struct visit *v);

/* ---- keep.c */

/* False: the reply will not be stored. */
bool visit_keep(struct visit *v, int status, const struct header_list *headers);
void visit_kept(struct visit *v, bool whole);
/* A 304: the stored answer is good, with these header lines. Afterwards v->file is the updated
 * answer. */
void visit_confirm(struct visit *v, const struct header_list *news);

#endif
