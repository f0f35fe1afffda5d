#include "modules/limit/limit_zone.h"

#include <assert.h>

#include "base/hash.h"
#include "event/board.h"
#include "http/request/value.h"

/* These structs are in the zone, which has the same address in all workers. */
struct record {
	struct record *next; /* the next record in the same bucket */
	struct list by_use;
	uint32_t hash, key_len;
	/* data_size bytes of the module, and then the key */
	char data[] __attribute__((aligned(8)));
};

struct table {
	struct list by_use; /* the most recently used record is the first */
	uint32_t deaths;    /* the number of ended workers when the zone was last used */
	uint32_t mask;
	struct record *buckets[];
};

/* bytes of the zone per bucket; a full zone then has about 1.5 records in each bucket */
enum { BYTES_A_BUCKET = 256 };

static struct table *table_of(const struct limit_zone *z)
{
	return z->memory->slab->root;
}

/* ---- records */

static struct str key_of(const struct limit_zone *z, const struct record *e)
{
	return (struct str){e->data + z->data_size, e->key_len};
}

static struct record **bucket_of(struct table *t, uint32_t hash)
{
	return &t->buckets[hash & t->mask];
}

static void forget(struct limit_zone *z, struct record *e)
{
	struct record **at = bucket_of(table_of(z), e->hash);

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	list_remove(&e->by_use);
	slab_free(z->memory->slab, e);
	z->memory->slab->records--;
}

static void *touch(struct table *t, struct record *e)
{
	list_remove(&e->by_use);
	list_add_first(&t->by_use, &e->by_use);
	return e->data;
}

void *limit_zone_find(struct limit_zone *z, struct str key)
{
	struct table *t = table_of(z);
	uint32_t hash = hash_bytes(key);

	for (struct record *e = *bucket_of(t, hash); e != NULL; e = e->next)
		if (e->hash == hash && str_equal(key_of(z, e), key))
			return touch(t, e);
	return NULL;
}

static struct record *record_make(struct limit_zone *z, size_t size, bool may_evict)
{
	struct list *by_use = &table_of(z)->by_use;
	struct record *e;

	while ((e = slab_alloc(z->memory->slab, size)) == NULL && may_evict &&
	       !list_is_empty(by_use))
		forget(z, CONTAINER_OF(by_use->prev, struct record, by_use));
	return e;
}

void *limit_zone_add(struct limit_zone *z, struct str key, bool may_evict)
{
	struct record *e = record_make(z, sizeof(*e) + z->data_size + key.len, may_evict);
	struct table *t = table_of(z);
	struct record **bucket;

	if (e == NULL)
		return NULL;
	e->hash = hash_bytes(key);
	e->key_len = (uint32_t)key.len;
	put_str(e->data + z->data_size, key);
	bucket = bucket_of(t, e->hash);
	e->next = *bucket;
	*bucket = e;
	list_add_first(&t->by_use, &e->by_use);
	z->memory->slab->records++;
	return e->data;
}

void limit_zone_remove(struct limit_zone *z, void *data)
{
	forget(z, CONTAINER_OF(data, struct record, data));
}

/* ---- the lock */

static void set_up(struct slab *s)
{
	size_t buckets = 16;
	struct table *t;

	while (buckets * BYTES_A_BUCKET < s->size)
		buckets *= 2;
	t = slab_alloc(s, sizeof(*t) + buckets * sizeof(struct record *));
	assert(t != NULL); /* the zone is empty */
	list_init(&t->by_use);
	t->mask = (uint32_t)buckets - 1;
	t->deaths = board_deaths();
	s->root = t;
}

/* Called after a worker has ended. For each record, the module releases what this worker held
 * in the zone. */
static void tell_of_deaths(struct limit_zone *z, uint32_t deaths)
{
	struct table *t = table_of(z);

	t->deaths = deaths;
	LIST_EACH(link, &t->by_use)
		z->on_death(z, CONTAINER_OF(link, struct record, by_use)->data);
}

void limit_zone_lock(struct limit_zone *z)
{
	struct slab *s = z->memory->slab;
	uint32_t deaths;

	slab_lock(s);
	if (s->root == NULL)
		set_up(s);
	deaths = board_deaths();
	if (z->on_death != NULL && table_of(z)->deaths != deaths)
		tell_of_deaths(z, deaths);
}

void limit_zone_unlock(struct limit_zone *z)
{
	slab_unlock(z->memory->slab);
}

/* ---- the configuration */

static struct limit_zone *zone_create(struct conf *cf, struct limit_zones *zones, struct str name)
{
	struct limit_zone **place = pool_list_add(cf->pool, &zones->list, sizeof(*place));
	struct limit_zone *z = pool_zalloc(cf->pool, sizeof(*z));

	if (place == NULL || z == NULL) {
		conf_no_memory(cf);
		return NULL;
	}
	*place = z;
	z->name = name;
	z->file = cf->file;
	z->line = cf->line;
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

/* Reads "zone=one:10m". */
static bool parse_place(struct str place, struct str *name, int64_t *size)
{
	struct str value;
	const char *colon;

	if (!conf_param(place, STR("zone="), &value))
		return false;
	colon = memchr(value.data, ':', value.len);
	if (colon == NULL || colon == value.data)
		return false;
	*name = str_between(value.data, colon);
	return parse_size(str_between(colon + 1, value.data + value.len), size);
}

/* The purpose contains the directive and the key. After a reload with another purpose, the old
 * counts would be wrong, so the zone starts empty. */
static struct zone *add_memory(struct conf *cf, struct str name, struct str key, size_t size)
{
	struct str purpose = pool_print(cf->pool, "%s %.*s", cf->args[0].data, STR_ARGS(key));

	if (purpose.data == NULL) {
		conf_no_memory(cf);
		return NULL;
	}
	return zone_add(cf, name, purpose, size);
}

static int read_place(struct conf *cf, struct str place, struct str *name, int64_t *size)
{
	if (!parse_place(place, name, size))
		return conf_bad_value(cf, place);
	if (*size < SLAB_LEAST)
		return conf_fail(cf, "zone \"%.*s\" is too small: at least %dk", STR_ARGS(*name),
				 SLAB_LEAST >> 10);
	return 0;
}

struct limit_zone *limit_zone_define(struct conf *cf, struct limit_zones *zones, struct str key,
				     struct str place, size_t data_size)
{
	struct limit_zone *z;
	struct str name;
	int64_t size;

	if (read_place(cf, place, &name, &size) < 0)
		return NULL;
	z = limit_zone_named(cf, zones, name);
	if (z == NULL)
		return NULL;
	if (z->key != NULL) {
		conf_fail(cf, "zone \"%.*s\" is already bound to key \"%.*s\"", STR_ARGS(name),
			  STR_ARGS(z->key->source));
		return NULL;
	}
	z->data_size = data_size;
	z->key = template_compile(cf, key);
	z->memory = add_memory(cf, name, key, (size_t)size);
	return z->key != NULL && z->memory != NULL ? z : NULL;
}

int limit_zones_check(struct conf *cf, void *section)
{
	const struct limit_zones *zones = section;

	for (size_t i = 0; i < zones->list.count; i++) {
		const struct limit_zone *z = zone_at(zones, i);

		if (z->key != NULL)
			continue;
		cf->file = z->file;
		cf->line = z->line;
		return conf_fail(cf,
				 "zone \"%.*s\" is not defined: limit_conn needs a limit_conn_zone "
				 "of that name, limit_req a limit_req_zone",
				 STR_ARGS(z->name));
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
