#include "http/limit_zone.h"

#include "mem/alloc.h"

struct record {
	struct hash_node node;
	struct list by_use;
	size_t size;                             /* all of it */
	char data[] __attribute__((aligned(8))); /* the module's, then the key */
};

const struct conf_name limit_log_levels[] = {{"info", LOG_INFO},
					     {"notice", LOG_NOTICE},
					     {"warn", LOG_WARN},
					     {"error", LOG_ERROR},
					     {NULL, 0}};

const struct conf_range limit_statuses = {400, 599};

/* ---- memory */

static struct record *record_alloc(struct limit_zone *z, size_t size)
{
	struct record *e = size <= z->room - z->used ? alloc_large(size) : NULL;

	if (e != NULL) {
		memset(e, 0, size);
		e->size = size;
		z->used += size;
	}
	return e;
}

static void record_free(struct limit_zone *z, struct record *e)
{
	z->used -= e->size;
	alloc_large_free(e);
}

/* ---- records */

static void forget(struct limit_zone *z, struct record *e)
{
	hash_remove(&z->records, &e->node);
	list_remove(&e->by_use);
	record_free(z, e);
}

static void *touch(struct limit_zone *z, struct record *e)
{
	if (z->by_use.next != &e->by_use) {
		list_remove(&e->by_use);
		list_add_first(&z->by_use, &e->by_use);
	}
	return e->data;
}

void *limit_zone_find(struct limit_zone *z, struct str key)
{
	struct hash_node *found = hash_get(&z->records, key);

	return found != NULL ? touch(z, CONTAINER_OF(found, struct record, node)) : NULL;
}

static struct record *record_make(struct limit_zone *z, size_t size, bool may_evict)
{
	struct record *e;

	while ((e = record_alloc(z, size)) == NULL && may_evict && !list_is_empty(&z->by_use))
		forget(z, CONTAINER_OF(z->by_use.prev, struct record, by_use));
	return e;
}

void *limit_zone_add(struct limit_zone *z, struct str key, bool may_evict)
{
	struct record *e = record_make(z, sizeof(*e) + z->data_size + key.len, may_evict);

	if (e == NULL)
		return NULL;
	put_str(e->data + z->data_size, key);
	e->node.key = (struct str){e->data + z->data_size, key.len};
	if (hash_add(&z->records, &e->node) < 0) {
		record_free(z, e);
		return NULL;
	}
	list_add_first(&z->by_use, &e->by_use);
	return e->data;
}

void limit_zone_remove(struct limit_zone *z, void *data)
{
	forget(z, CONTAINER_OF(data, struct record, data));
}

/* ---- zones */

static void zone_forget(void *data)
{
	struct limit_zone *z = data;

	while (!list_is_empty(&z->by_use))
		forget(z, CONTAINER_OF(z->by_use.next, struct record, by_use));
	hash_fini(&z->records);
}

static struct limit_zone *zone_create(struct conf *cf, struct limit_zones *zones, struct str name)
{
	struct limit_zone **place = pool_list_add(cf->pool, &zones->list, sizeof(*place));
	struct limit_zone *z = pool_zalloc(cf->pool, sizeof(*z));
	struct pool_cleanup *c = z != NULL ? pool_cleanup_add(cf->pool, z) : NULL;

	if (place == NULL || c == NULL) {
		conf_no_memory(cf);
		return NULL;
	}
	*place = z;
	z->name = name;
	z->file = cf->file;
	z->line = cf->line;
	hash_init(&z->records);
	list_init(&z->by_use);
	c->run = zone_forget;
	return z;
}

static struct limit_zone *zone_at(const struct limit_zones *zones, size_t i)
{
	return ((struct limit_zone **)zones->list.items)[i];
}

struct limit_zone *limit_zone_named(struct conf *cf, struct limit_zones *zones, struct str name)
{
	for (size_t i = 0; i < zones->list.count; i++)
		if (str_equal(zone_at(zones, i)->name, name))
			return zone_at(zones, i);
	return zone_create(cf, zones, name);
}

/* "zone=one:10m" */
static bool parse_place(struct str place, struct str *name, int64_t *size)
{
	struct str start = STR("zone=");
	const char *end = place.data + place.len;
	const char *colon = memchr(place.data, ':', place.len);

	if (!str_starts(place, start) || colon == NULL || colon == place.data + start.len)
		return false;
	*name = str_between(place.data + start.len, colon);
	return parse_size(str_between(colon + 1, end), size);
}

struct limit_zone *limit_zone_define(struct conf *cf, struct limit_zones *zones, struct str key,
				     struct str place, size_t data_size)
{
	struct limit_zone *z;
	struct str name;
	int64_t size;

	if (!parse_place(place, &name, &size)) {
		conf_bad_value(cf, place);
		return NULL;
	}
	if (size < LIMIT_ZONE_LEAST) {
		conf_fail(cf, "zone \"%.*s\" is too small", STR_ARGS(name));
		return NULL;
	}
	z = limit_zone_named(cf, zones, name);
	if (z == NULL)
		return NULL;
	if (z->key != NULL) {
		conf_fail(cf, "zone \"%.*s\" is already bound to key \"%.*s\"", STR_ARGS(name),
			  STR_ARGS(z->key->source));
		return NULL;
	}
	z->room = (size_t)size;
	z->data_size = (data_size + 7) & ~(size_t)7;
	z->key = template_compile(cf, key);
	return z->key != NULL ? z : NULL;
}

int limit_zones_check(struct conf *cf, const struct limit_zones *zones)
{
	for (size_t i = 0; i < zones->list.count; i++) {
		const struct limit_zone *z = zone_at(zones, i);

		if (z->key != NULL)
			continue;
		cf->file = z->file;
		cf->line = z->line;
		return conf_fail(cf, "zone \"%.*s\" is not defined", STR_ARGS(z->name));
	}
	return 0;
}

/* ---- for requests */

bool limit_zone_key(struct request *r, const struct limit_zone *z, struct str *key)
{
	if (template_eval(r, z->key, key) < 0 || key->len == 0)
		return false;
	if (key->len <= LIMIT_KEY_MAX)
		return true;
	request_log(r, LOG_ERROR, "the value of the \"%.*s\" key is longer than %d bytes",
		    STR_ARGS(z->key->source), (int)LIMIT_KEY_MAX);
	return false;
}

bool limit_status_name(enum limit_status status, struct str *name)
{
	static const char *const names[] = {
	    [LIMIT_PASSED] = "PASSED",
	    [LIMIT_DELAYED] = "DELAYED",
	    [LIMIT_REJECTED] = "REJECTED",
	    [LIMIT_DELAYED_DRY_RUN] = "DELAYED_DRY_RUN",
	    [LIMIT_REJECTED_DRY_RUN] = "REJECTED_DRY_RUN",
	};

	if (status == LIMIT_NOT_ASKED)
		return false;
	*name = str_from(names[status]);
	return true;
}
