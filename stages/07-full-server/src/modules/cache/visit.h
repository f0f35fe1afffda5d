/*
 * visit: what the cache knows about one request.
 *
 *     gate.c    the functions that the proxy calls; decides whether the upstream is asked
 *     wait.c    proxy_cache_lock: waits while another request fetches the same answer
 *     send.c    sends a stored answer to the client; starts the refresh of a stale answer
 *     keep.c    writes a reply to a file, or updates the file after a 304
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

	/* the stored answer */
	struct cache_name first; /* the name of the key's first file */
	/* The name of the variant for this request. Until the variant is known, the name of the
	 * key's first file. */
	struct cache_name name;
	/* the head of the key's first file; NULL: there is no such file */
	const struct stored *first_head;
	bool found;
	struct cached_file file; /* the file that fits the request, if `found` */
	struct index_look look;

	/* how the reply is used */
	/* the method is not safe, so a successful reply makes the stored answers invalid */
	bool unsafe;
	bool stores; /* the reply may be stored */
	/* the request contains the stored validators, so the reply may be a 304 */
	bool validates;
	/* this request refreshes a stored answer, and no client waits for it */
	bool background;
	int64_t sent; /* the time when the upstream was asked */
	/* The number from index_begin_fill. While it is not 0, this request stores the answer
	 * for fill_name. */
	uint32_t fill;
	struct cache_name fill_name;
	bool writes;
	struct writing writing;
	struct cache_name written; /* the name of the file that is written */

	/* for wait.c */
	struct timer timer;
	int64_t wait_until;
};

/* How many requests have ended with each status, for /status. */
extern uint64_t visit_counts[CACHE_STATUSES];

static inline struct zone *visit_zone(const struct visit *v)
{
	return v->path->zone;
}

/* ---- gate.c */

/* Looks for a file that fits the request. Sets `found` and `file`. */
void visit_look_up(struct visit *v);
/* Decides how the request is answered. Returns the result of a phase handler. PHASE_NEXT means
 * that the upstream must be asked. */
enum phase_result visit_decide(struct visit *v);
bool visit_begin_fill(struct visit *v);
void visit_end_fill(struct visit *v, int64_t size);
/* `sub` is a background request that refreshes the stored answer. `sub` gets its own visit, and
 * takes over `fill`, so it stores the new answer. */
void visit_hand_over(struct visit *v, struct request *sub);

/* ---- wait.c */

enum phase_result visit_wait(struct visit *v);

/* ---- send.c */

enum phase_result visit_send(struct visit *v, enum cache_status status);
/* Sends the stale answer, and starts a background request that refreshes it. */
enum phase_result visit_send_and_update(struct visit *v);

/* ---- keep.c */

/* Begins to store the reply. Returns false when the reply will not be stored. */
bool visit_keep(struct visit *v, int status, const struct header_list *headers);
void visit_kept(struct visit *v, bool whole);
/* Called after a 304: the stored answer is still valid, with these new header lines.
 * Afterwards v->file contains the updated answer. */
void visit_confirm(struct visit *v, const struct header_list *news);

#endif
