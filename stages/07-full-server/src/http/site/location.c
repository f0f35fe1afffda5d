#include "http/site/location.h"

#include <stdlib.h>

struct location *location_open(struct conf *cf, struct location_set *set, struct location *around,
			       enum location_kind kind, struct str name, struct scope *scope)
{
	struct location *l = pool_zalloc(cf->pool, sizeof(*l));
	struct location **place = pool_list_add(cf->pool, &set->all, sizeof(*place));

	if (l == NULL || place == NULL) {
		conf_no_memory(cf);
		return NULL;
	}
	*place = l;
	l->name = name;
	l->kind = kind;
	l->around = around;
	*scope = *cf->scope;
	l->sections = http_sections_create(cf, LEVEL_LOCATION);
	if (l->sections == NULL)
		return NULL;
	l->core = l->sections[http_core_module.index];
	scope->sections[LEVEL_LOCATION] = l->sections;
	scope->owner = l;
	return l;
}

static struct location *location_at(const struct location_set *set, size_t i)
{
	return ((struct location **)set->all.items)[i];
}

static bool has_prefix_name(const struct location *l)
{
	return l->kind == LOCATION_PREFIX || l->kind == LOCATION_PREFIX_FINAL ||
	       l->kind == LOCATION_EXACT;
}

static int by_name(const void *a, const void *b)
{
	return str_compare(((const struct prefix *)a)->name, ((const struct prefix *)b)->name);
}

static int prefix_merge(struct conf *cf, struct prefix *into, const struct prefix *from)
{
	if ((into->exact != NULL && from->exact != NULL) ||
	    (into->prefix != NULL && from->prefix != NULL))
		return conf_fail(cf, "duplicate location \"%.*s\"", STR_ARGS(into->name));
	if (from->exact != NULL)
		into->exact = from->exact;
	else
		into->prefix = from->prefix;
	return 0;
}

/* Joins entries that have the same name. For example, "/a" and "= /a" share one entry. */
static int prefixes_unite(struct conf *cf, struct location_set *set, uint32_t count)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < count; i++) {
		if (kept > 0 && str_equal(set->prefixes[kept - 1].name, set->prefixes[i].name)) {
			if (prefix_merge(cf, &set->prefixes[kept - 1], &set->prefixes[i]) < 0)
				return -1;
			continue;
		}
		set->prefixes[kept++] = set->prefixes[i];
	}
	set->prefix_count = kept;
	return 0;
}

/*
 * Sets `shorter` of each name. The names are sorted. If P is a prefix of the name N, then P
 * comes before N, and all names between P and N begin with P. So the loop starts at the
 * previous name and follows `shorter`. The first name that is a prefix of N is the longest one.
 */
static void prefixes_link(struct location_set *set)
{
	for (uint32_t i = 0; i < set->prefix_count; i++) {
		int before = (int)i - 1;

		while (before >= 0 &&
		       !str_starts(set->prefixes[i].name, set->prefixes[before].name))
			before = set->prefixes[before].shorter;
		set->prefixes[i].shorter = before;
	}
}

static int collect(struct conf *cf, struct location_set *set)
{
	uint32_t prefixes = 0;

	set->prefixes = pool_array(cf->pool, set->all.count, sizeof(*set->prefixes));
	set->patterns = pool_array(cf->pool, set->all.count, sizeof(*set->patterns));
	if (set->all.count > 0 && (set->prefixes == NULL || set->patterns == NULL))
		return conf_no_memory(cf);
	set->pattern_count = 0;
	for (size_t i = 0; i < set->all.count; i++) {
		struct location *l = location_at(set, i);

		if (l->kind == LOCATION_PATTERN)
			set->patterns[set->pattern_count++] = l;
		else if (l->kind == LOCATION_EXACT)
			set->prefixes[prefixes++] = (struct prefix){.name = l->name, .exact = l};
		else if (has_prefix_name(l))
			set->prefixes[prefixes++] = (struct prefix){.name = l->name, .prefix = l};
	}
	if (prefixes > 0)
		qsort(set->prefixes, prefixes, sizeof(*set->prefixes), by_name);
	return prefixes_unite(cf, set, prefixes);
}

static int check_named_once(struct conf *cf, const struct location_set *set)
{
	for (size_t i = 0; i < set->all.count; i++) {
		const struct location *l = location_at(set, i);

		if (l->kind == LOCATION_NAMED && location_find_named(set, l->name) != l)
			return conf_fail(cf, "duplicate location \"%.*s\"", STR_ARGS(l->name));
	}
	return 0;
}

int locations_index(struct conf *cf, struct location_set *set)
{
	if (collect(cf, set) < 0 || check_named_once(cf, set) < 0)
		return -1;
	prefixes_link(set);
	for (size_t i = 0; i < set->all.count; i++)
		if (locations_index(cf, &location_at(set, i)->inside) < 0)
			return -1;
	return 0;
}

/* Returns the index of the last name that is not greater than the URI, or -1 if all names
 * are greater. */
static int last_not_greater(const struct location_set *set, struct str uri)
{
	int low = 0, high = (int)set->prefix_count;

	while (low < high) {
		int middle = (low + high) / 2;

		if (str_compare(set->prefixes[middle].name, uri) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low - 1;
}

/* Finds the longest name P that is a prefix of the URI. In the sorted order, all names between
 * P and the URI begin with P. So the loop follows `shorter` until it finds P. */
static struct location *find_prefix(const struct location_set *set, struct str uri)
{
	int at = last_not_greater(set, uri);

	if (at >= 0 && set->prefixes[at].exact != NULL && str_equal(set->prefixes[at].name, uri))
		return set->prefixes[at].exact;
	while (at >= 0 &&
	       (set->prefixes[at].prefix == NULL || !str_starts(uri, set->prefixes[at].name)))
		at = set->prefixes[at].shorter;
	return at >= 0 ? set->prefixes[at].prefix : NULL;
}

/* Returns true if the search is over. In this case the outer levels do not try their
 * patterns. */
static bool find_in_level(const struct location_set *set, struct str uri, struct found *found);

static bool find_pattern(const struct location_set *set, struct str uri, struct found *found)
{
	for (uint32_t i = 0; i < set->pattern_count; i++) {
		struct location *l = set->patterns[i];
		int count =
		    pattern_match(l->pattern, uri, found->captures, COUNT_OF(found->captures));

		found->failed |= count < 0;
		if (count > 0) {
			found->location = l;
			found->capture_count = (size_t)count;
			find_in_level(&l->inside, uri, found);
			return true;
		}
	}
	return false;
}

static bool find_in_level(const struct location_set *set, struct str uri, struct found *found)
{
	struct location *l = find_prefix(set, uri);

	if (l != NULL) {
		found->location = l;
		if (l->kind == LOCATION_EXACT || find_in_level(&l->inside, uri, found))
			return true;
		if (l->kind == LOCATION_PREFIX_FINAL)
			return false;
	}
	return find_pattern(set, uri, found);
}

void location_find(const struct location_set *set, struct str uri, struct found *found)
{
	found->location = NULL;
	found->capture_count = 0;
	found->failed = false;
	find_in_level(set, uri, found);
}

struct location *location_find_named(const struct location_set *set, struct str name)
{
	for (size_t i = 0; i < set->all.count; i++) {
		struct location *l = location_at(set, i);

		if (l->kind == LOCATION_NAMED && str_equal(l->name, name))
			return l;
	}
	return NULL;
}
