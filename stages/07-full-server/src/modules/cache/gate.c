/*
 * gate: the functions that the proxy calls for each request (modules/proxy/proxy.h). They
 * decide whether the client gets a stored answer.
 *
 *     ask: look up ---- fresh ------------------------------------> HIT
 *            |    `---- stale, but allowed -----------------------> STALE, UPDATING
 *            |    `---- stale -- change: If-None-Match -- head: 304 > REVALIDATED
 *            |                                        `-- 5xx ----> STALE, if allowed
 *            `--------- not stored -- head: may the reply be stored? -- bytes -- end
 */
#include "base/clock.h"
#include "http/message/ranges.h"
#include "http/request/value.h"
#include "modules/cache/visit.h"

uint64_t visit_counts[CACHE_STATUSES];

static struct visit *visit_of(const struct request *r)
{
	return request_context(r, &cache_module);
}

/* ---- the request that stores an answer */

bool visit_begin_fill(struct visit *v)
{
	v->fill = index_begin_fill(visit_zone(v), &v->name, v->s->lock_age);
	v->fill_name = v->name;
	return v->fill != 0;
}

void visit_end_fill(struct visit *v, int64_t size)
{
	if (v->fill != 0)
		index_end_fill(visit_zone(v), &v->fill_name, v->fill, size);
	v->fill = 0;
}

/* A cleanup of the request's pool. So it also runs when the request is aborted. */
static void forget(void *data)
{
	struct visit *v = data;

	timer_remove(&v->timer);
	visit_end_fill(v, INDEX_DROPPED);
	if (!v->background)
		visit_counts[v->status]++;
}

/* ---- looking up */

static bool use(struct visit *v, const struct cache_name *name)
{
	const struct cache_path *path = v->path;

	if (!index_use(path->zone, name, &v->look)) {
		request_log(v->r, LOG_ALERT, "cache \"%.*s\" has no room for another key",
			    STR_ARGS(path->name));
		return false;
	}
	if (v->look.evicted)
		cache_file_remove(v->r->pool, path->folder, &v->look.evicted_name);
	return true;
}

static bool find(struct visit *v, const struct cache_name *name)
{
	bool found = cache_file_find(v->r, v->path->folder, name, v->key, &v->file);

	if (found && !v->look.on_disk)
		index_found(visit_zone(v), name, v->file.file->size);
	else if (!found && v->look.on_disk)
		/* the file was removed by hand, or is damaged */
		index_drop(visit_zone(v), name);
	return found;
}

static bool is_variant(const struct visit *v, const unsigned char variant[MD5_SIZE])
{
	return memcmp(v->file.head->variant, variant, MD5_SIZE) == 0;
}

/* The first file of the key does not fit this request. Looks for the file of another
 * variant. */
static bool find_variant(struct visit *v, const unsigned char variant[MD5_SIZE])
{
	v->name = cache_file_variant_name(v->first_head, variant);
	return use(v, &v->name) && find(v, &v->name) && is_variant(v, variant);
}

void visit_look_up(struct visit *v)
{
	unsigned char variant[MD5_SIZE];

	v->name = v->first;
	v->found = false;
	v->first_head = find(v, &v->first) ? v->file.head : NULL;
	if (v->first_head == NULL)
		return;
	if (v->first_head->vary.len == 0)
		v->found = true;
	else if (vary_variant(v->r->pool, &v->r->in.headers, v->first_head->vary, variant) == 0)
		v->found = is_variant(v, variant) || find_variant(v, variant);
}

/* ---- ask */

/* Returns true when a stale answer may be sent while it is refreshed. The configuration, the
 * stored answer and the client must all allow this. */
static bool may_be_stale(const struct visit *v)
{
	return (v->s->use_stale & STALE_WHILE_UPDATING) && v->asked.max_age == SECONDS_ABSENT &&
	       v->asked.min_fresh == SECONDS_ABSENT &&
	       freshness_use_on_error(&v->file.head->fresh, &v->asked, now.second, true);
}

static enum phase_result ask_server(struct visit *v, enum cache_status status)
{
	v->status = status;
	v->validates = v->found && v->s->revalidate;
	return PHASE_NEXT;
}

static enum phase_result decide_expired(struct visit *v)
{
	bool stale = may_be_stale(v), fills = visit_begin_fill(v);

	if (stale && !fills)
		return visit_send(v, CACHE_UPDATING);
	if (stale && v->s->background_update)
		return visit_send_and_update(v);
	if (!fills && v->s->lock && v->stores && !v->look.passes)
		return visit_wait(v);
	return ask_server(v, CACHE_EXPIRED);
}

static enum phase_result decide_missing(struct visit *v)
{
	if (v->stores && !visit_begin_fill(v) && v->s->lock && !v->look.passes)
		return visit_wait(v);
	return ask_server(v, CACHE_MISS);
}

enum phase_result visit_decide(struct visit *v)
{
	enum use use = v->found ? freshness_use(&v->file.head->fresh, &v->asked, now.second)
		       : v->asked.has & CONTROL_ONLY_IF_CACHED ? USE_NOTHING
							       : USE_VALIDATED;

	switch (use) {
	case USE_FRESH:
		return visit_send(v, CACHE_HIT);
	case USE_STALE:
		return visit_send(v, CACHE_STALE);
	case USE_WHILE_UPDATING:
		return visit_begin_fill(v) ? visit_send_and_update(v)
					   : visit_send(v, CACHE_UPDATING);
	case USE_NOTHING:
		return request_refuse(v->r, 504);
	default:
		return v->found ? decide_expired(v) : decide_missing(v);
	}
}

/* Finds the range if the client asks for exactly one range. The length of the body may not be
 * known yet. */
static bool one_range(struct request *r, int64_t length, struct range *range)
{
	struct pool_list ranges = {.count = 0};

	if (r->in.known[HEADER_RANGE] == 0 ||
	    ranges_parse(r->pool, *request_header(r, HEADER_RANGE), length, 1, &ranges) !=
		RANGES_GOOD)
		return false;
	*range = *(struct range *)ranges.items;
	return true;
}

/* Returns true for a range that begins after proxy_cache_max_range_offset. To store the
 * answer, the cache would need all bytes before the range, and the client would have to wait
 * for them. */
static bool is_far_range(struct request *r, int64_t limit)
{
	struct range range;

	return limit != CONF_UNSET && one_range(r, INT64_MAX / 2, &range) && range.from > limit;
}

static struct visit *visit_create(struct request *r)
{
	struct visit *v = pool_zalloc(r->pool, sizeof(*v));
	struct pool_cleanup *cleanup = v != NULL ? pool_cleanup_add(r->pool, v) : NULL;

	if (cleanup == NULL || request_set_context(r, &cache_module, v) < 0)
		return NULL;
	cleanup->run = forget;
	timer_init(&v->timer, NULL);
	v->r = r;
	return v;
}

static bool find_key(struct visit *v)
{
	if (v->s->key == NULL)
		v->key = proxy_url(v->r);
	else if (template_eval(v->r, v->s->key, &v->key) < 0)
		return false;
	if (v->key.data == NULL)
		return false;
	v->first = v->name = cache_file_name(v->key);
	return true;
}

void visit_hand_over(struct visit *v, struct request *sub)
{
	static const struct header_list nothing_asked;
	struct visit *own = visit_create(sub);

	if (own == NULL)
		return;
	own->s = v->s;
	own->path = v->path;
	own->status = CACHE_EXPIRED;
	own->key = v->key;
	own->first = v->first;
	own->name = v->name;
	own->first_head = v->first_head;
	own->found = v->found;
	own->file = v->file;
	own->fill_name = v->fill_name;
	own->fill = v->fill;
	v->fill = 0;
	own->stores = own->background = true;
	own->validates = v->s->revalidate;
	request_control(&own->asked, &nothing_asked);
}

/* A reply to HEAD has no body to store. So HEAD is stored only if the cache sends it to the
 * server as GET. */
static bool is_storable_method(const struct visit *v)
{
	return v->r->method != METHOD_HEAD || v->s->convert_head;
}

static enum phase_result begin(struct visit *v)
{
	struct request *r = v->r;

	if (!(r->method & v->s->methods)) {
		v->unsafe = true;
		return PHASE_NEXT;
	}
	v->stores = is_storable_method(v) && !(v->asked.has & CONTROL_NO_STORE);
	if (cache_condition_holds(r, v->s->bypass)) {
		v->status = CACHE_BYPASS;
		return PHASE_NEXT;
	}
	if (use(v, &v->first)) {
		v->stores &= v->look.uses >= v->s->min_uses;
		visit_look_up(v);
	} else {
		v->stores = false;
	}
	return visit_decide(v);
}

/* If send.c has made this request to refresh an answer, the request has a visit already. */
static enum phase_result ask(struct request *r)
{
	const struct cache_settings *s = cache_settings_of(r);
	const struct cache_path *path;
	struct visit *v = visit_of(r);

	if (v != NULL && v->background)
		return PHASE_NEXT;
	request_set_context(r, &cache_module, NULL);
	if (cache_path_for(r, s, &path) < 0)
		return request_refuse(r, 500);
	if (path == NULL || is_far_range(r, s->max_range_offset))
		return PHASE_NEXT;
	v = visit_create(r);
	if (v == NULL)
		return request_refuse(r, 500);
	v->s = s;
	v->path = path;
	request_control(&v->asked, &r->in.headers);
	return find_key(v) ? begin(v) : request_refuse(r, 500);
}

/* ---- the request for the server */

static void add_validator(struct visit *v, struct gate_request *q, struct str name,
			  struct str stored)
{
	const struct header *h = header_find(&v->file.head->headers, stored, 0);

	if (h != NULL)
		header_add(v->r->pool, &q->more, name, h->value);
}

static void change(struct request *r, struct gate_request *q)
{
	struct visit *v = visit_of(r);

	if (v == NULL || v->unsafe)
		return;
	v->sent = now.second;
	if (v->validates) {
		add_validator(v, q, STR("If-None-Match"), STR("ETag"));
		add_validator(v, q, STR("If-Modified-Since"), STR("Last-Modified"));
	}
	v->validates = q->more.lines.count > 0;
	/* The cache can store only a whole answer. A 304 must be about the stored answer, not
	 * about the client's copy. */
	q->drop_conditions = v->stores || v->validates;
	if (r->method == METHOD_HEAD && v->stores)
		q->method = STR("GET");
}

/* ---- the reply of the server */

/* Returns true when a stored answer should be sent instead of an error of the server. `bit` is
 * the case of proxy_cache_use_stale. `failure` means that stale-if-error may allow the answer
 * even if this case is not configured. */
static bool is_stale_better(const struct visit *v, bool failure, int bit)
{
	bool allowed = v->s->use_stale & bit;

	return v->found && (failure || allowed) &&
	       freshness_use_on_error(&v->file.head->fresh, &v->asked, now.second, allowed);
}

static enum gate_answer take_stale(struct visit *v)
{
	visit_end_fill(v, INDEX_DROPPED);
	visit_send(v, CACHE_STALE);
	return GATE_TAKEN;
}

static void invalidate(struct visit *v, const struct cache_name *name)
{
	cache_file_remove(v->r->pool, v->path->folder, name);
	index_drop(visit_zone(v), name);
}

/* Makes the URL of another page on the same server, in the form of proxy_url. Returns false
 * when the page belongs to another server: this server must not decide about its pages. */
static bool same_origin(struct visit *v, struct str reference, struct str *url)
{
	struct str own = proxy_url(v->r);
	const char *path = own.data != NULL ? memchr(own.data + 7, '/', own.len - 7) : NULL;
	const char *mark = memchr(reference.data, '#', reference.len);
	struct str origin;

	if (path == NULL)
		return false;
	origin = str_between(own.data, path);
	if (mark != NULL)
		reference = str_between(reference.data, mark);
	if (str_starts(reference, origin))
		reference =
		    str_between(reference.data + origin.len, reference.data + reference.len);
	if (!str_starts(reference, STR("/")) || str_starts(reference, STR("//")))
		return false;
	*url = pool_print(v->r->pool, "%.*s%.*s", STR_ARGS(origin), STR_ARGS(reference));
	return url->data != NULL;
}

/* The method may also have changed the pages in Location and Content-Location (RFC 9111, 4.4).
 * With proxy_cache_key the keys of these pages are not known, so they stay. */
static void invalidate_named(struct visit *v, const struct header_list *headers, struct str name)
{
	const struct header *h = header_find(headers, name, 0);
	struct cache_name other;
	struct str url;

	if (h == NULL || v->s->key != NULL || !same_origin(v, h->value, &url))
		return;
	other = cache_file_name(url);
	invalidate(v, &other);
}

static void invalidate_all(struct visit *v, const struct header_list *headers)
{
	invalidate(v, &v->first);
	invalidate_named(v, headers, STR("Location"));
	invalidate_named(v, headers, STR("Content-Location"));
}

static enum gate_answer head(struct request *r, int status, const struct header_list *headers,
			     int64_t length)
{
	struct visit *v = visit_of(r);
	struct range range;

	if (v == NULL)
		return GATE_PASS;
	if (v->unsafe) {
		if (is_invalidating(r->in.line.method_name, status))
			invalidate_all(v, headers);
		return GATE_PASS;
	}
	if (status == 304 && v->validates) {
		visit_confirm(v, headers);
		visit_send(v, CACHE_REVALIDATED);
		return GATE_TAKEN;
	}
	if (is_stale_better(v, status == 500 || (status >= 502 && status <= 504),
			    cache_stale_bit(status)))
		return take_stale(v);
	if (!visit_keep(v, status, headers))
		return GATE_PASS;
	/* The server has sent the whole answer, and the range filter cuts out the range of the
	 * client. */
	r->out.ranges_allowed = status == 200 && length > 0 && one_range(r, length, &range);
	return GATE_KEEP;
}

static void bytes(struct request *r, struct str bytes)
{
	cache_file_add(&visit_of(r)->writing, bytes);
}

static void end(struct request *r, bool whole)
{
	visit_kept(visit_of(r), whole);
}

static bool failed(struct request *r, int status, enum gate_failure why)
{
	static const int bits[] = {[GATE_ERROR] = STALE_ON_ERROR,
				   [GATE_TIMEOUT] = STALE_ON_TIMEOUT,
				   [GATE_INVALID_HEADER] = STALE_ON_INVALID_HEADER};
	struct visit *v = visit_of(r);

	if (v == NULL || v->unsafe || !is_stale_better(v, true, bits[why]))
		return false;
	take_stale(v);
	return true;
}

const struct gate cache_gate = {
    .ask = ask, .change = change, .head = head, .bytes = bytes, .end = end, .failed = failed};
