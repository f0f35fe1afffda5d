#include <errno.h>
#include <sys/random.h>

#include "base/clock.h"
#include "modules/cache/visit.h"

/* ---- may the reply be stored? */

static uint32_t ignored(const struct request *r)
{
	static const struct {
		struct str name;
		uint32_t bit;
	} table[] = {
	    {{"X-Accel-Expires", 15}, IGNORE_X_ACCEL_EXPIRES},
	    {{"Expires", 7}, IGNORE_EXPIRES},
	    {{"Cache-Control", 13}, IGNORE_CACHE_CONTROL},
	    {{"Set-Cookie", 10}, IGNORE_SET_COOKIE},
	    {{"Vary", 4}, IGNORE_VARY},
	};
	uint32_t bits = 0;

	for (size_t i = 0; i < COUNT_OF(table); i++)
		if (proxy_ignores(r, table[i].name))
			bits |= table[i].bit;
	return bits;
}

static bool judge(const struct visit *v, int status, const struct header_list *headers,
		  struct freshness *fresh)
{
	const struct request *r = v->r;
	struct arrival a = {
	    .status = status,
	    .headers = headers,
	    .targets = v->s->targets->items,
	    .target_count = v->s->targets->count,
	    .ignored = ignored(r),
	    .asked = v->sent,
	    .came = now.second,
	    .ruled = cache_valid_for(v->s, status),
	    .authorized = r->in.known[HEADER_AUTHORIZATION] != 0,
	    .not_to_store = !v->stores,
	};

	return storable_judge(&a, fresh);
}

/* X-Accel-Redirect is no answer: it sends the request to another URI. */
static bool is_redirect_of_ours(const struct request *r, const struct header_list *headers)
{
	return header_find(headers, STR("X-Accel-Redirect"), 0) != NULL &&
	       !proxy_ignores(r, STR("X-Accel-Redirect"));
}

/* ---- the name of the new file */

/* Chooses a new family number. From then on, no request finds the other variants of the key. */
static void begin_family(struct stored *s)
{
	if (getrandom(&s->family, sizeof(s->family), GRND_NONBLOCK) < 0)
		s->family = (uint64_t)now.wall_ms;
}

/*
 * Chooses the name of the new file. The first file of the key may fit other requests and have
 * the same names in Vary. Then the new file gets the name of its variant. Otherwise the new
 * file replaces the first file.
 */
static struct cache_name choose_name(const struct visit *v, struct stored *s)
{
	bool same_names = v->first_head != NULL && str_equal(v->first_head->vary, s->vary);

	if (!same_names) {
		begin_family(s);
		return v->first;
	}
	s->family = v->first_head->family;
	if (s->vary.len == 0 || memcmp(v->first_head->variant, s->variant, MD5_SIZE) == 0)
		return v->first;
	return cache_file_variant_name(v->first_head, s->variant);
}

static int describe(const struct visit *v, const struct header_list *headers, struct stored *s)
{
	struct request *r = v->r;

	s->key = v->key;
	s->vary = proxy_ignores(r, STR("Vary")) ? STR_NONE : vary_names(r->pool, headers);
	if (s->vary.data == NULL || vary_variant(r->pool, &r->in.headers, s->vary, s->variant) < 0)
		return -1;
	return headers_to_store(r->pool, headers, &s->headers);
}

static int begin_writing(struct visit *v)
{
	const struct temp_folder *aside = NULL;

	if (v->path->use_temp_path)
		aside = proxy_temp_folder(v->r);
	return cache_file_begin(&v->writing, v->r->pool, v->path->folder, aside, &v->written);
}

static bool begin_file(struct visit *v)
{
	v->written = choose_name(v, &v->writing.head);
	if (begin_writing(v) == 0)
		return true;
	request_log_errno(v->r, LOG_ERROR, "the answer is not cached: \"%s\"",
			  v->writing.temporary.data != NULL ? v->writing.temporary.data : "");
	return false;
}

bool visit_keep(struct visit *v, int status, const struct header_list *headers)
{
	struct stored *s = &v->writing.head;

	v->writing = (struct writing){.fd = -1};
	s->status = status;
	if (!v->stores)
		return false;
	if (is_redirect_of_ours(v->r, headers) || cache_condition_holds(v->r, v->s->no_store) ||
	    !judge(v, status, headers, &s->fresh) || describe(v, headers, s) < 0) {
		visit_end_fill(v, INDEX_NOT_STORABLE);
		return false;
	}
	v->writes = begin_file(v);
	if (!v->writes)
		visit_end_fill(v, INDEX_NOT_STORABLE);
	return v->writes;
}

/* ---- the file is complete */

/* Moves the file to its path and adds it to the index. */
static bool put_in_place(struct visit *v)
{
	int64_t size = cache_file_end(&v->writing);

	v->writes = false;
	if (size < 0) {
		request_log_errno(v->r, LOG_ERROR, "the answer is not cached: \"%s\"",
				  v->writing.path.data);
		return false;
	}
	if (!index_found(visit_zone(v), &v->written, size)) {
		cache_file_remove(v->r->pool, v->path->folder, &v->written);
		return false;
	}
	return true;
}

void visit_kept(struct visit *v, bool whole)
{
	bool placed = whole && put_in_place(v);

	if (!whole)
		cache_file_drop(&v->writing);
	visit_end_fill(v, placed || !whole ? INDEX_DROPPED : INDEX_NOT_STORABLE);
}

/* ---- the server has answered 304 */

static bool write_again(struct visit *v)
{
	v->written = v->name;
	if (begin_writing(v) < 0)
		return false;
	cache_file_add_body(&v->writing, &v->file);
	return put_in_place(v);
}

void visit_confirm(struct visit *v, const struct header_list *news)
{
	struct stored *updated = pool_alloc(v->r->pool, sizeof(*updated));
	struct header_list lines = {.lines = {.count = 0}};
	bool keep;

	if (updated == NULL || headers_update(v->r->pool, &v->file.head->headers, news, &lines) < 0)
		return;
	*updated = *v->file.head;
	updated->headers = lines;
	keep = judge(v, updated->status, &lines, &updated->fresh);
	v->file.head = updated;
	v->file.kept = NULL;
	v->writing = (struct writing){.fd = -1, .head = *updated};
	if (keep)
		write_again(v);
	else if (v->stores)
		cache_file_remove(v->r->pool, v->path->folder, &v->name);
	visit_end_fill(v, INDEX_DROPPED);
}
