#include "modules/cache/files/index.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "event/board.h"

/* These structs are in the zone, which has the same address in all processes. */
struct node {
	struct node *next; /* the next node in the same bucket */
	struct list by_use;
	struct cache_name name;
	int64_t used; /* in monotonic ms */
	int64_t size; /* the size of the file; 0 means that there is no file */
	uint32_t uses;
	/* the number of the request that stores the answer; 0 means that no request does */
	uint32_t fill;
	pid_t filler;
	int64_t fill_began;  /* in monotonic ms */
	int64_t pass_until;  /* in monotonic ms */
	struct list by_fill; /* the link in table.filled while `fill` is not 0 */
};

struct table {
	struct list by_use; /* the most recently used node is the first */
	struct list filled;
	int64_t bytes;
	uint32_t files;
	uint32_t last_fill;
	uint32_t deaths; /* the number of ended processes when the index was last used */
	bool loaded;
	uint32_t mask;
	struct node *buckets[];
};

enum {
	/* bytes of the zone per bucket; a full zone then has about one node in each bucket */
	BYTES_A_BUCKET = 128,
	DISK_BLOCK = 4096,
};

static struct table *table_of(const struct zone *z)
{
	return z->slab->root;
}

/* ---- nodes */

/* The name is a digest, so any four bytes of it are a good hash. */
static struct node **bucket_of(struct table *t, const struct cache_name *name)
{
	uint32_t hash;

	memcpy(&hash, name->bytes, sizeof(hash));
	return &t->buckets[hash & t->mask];
}

static struct node *find(struct table *t, const struct cache_name *name)
{
	struct node *n = *bucket_of(t, name);

	while (n != NULL && memcmp(&n->name, name, sizeof(*name)) != 0)
		n = n->next;
	return n;
}

static void touch(struct table *t, struct node *n)
{
	n->used = now.ms;
	list_remove(&n->by_use);
	list_add_first(&t->by_use, &n->by_use);
}

/* A file takes whole blocks of the disk. */
static void set_size(struct table *t, struct node *n, int64_t size)
{
	size = (size + DISK_BLOCK - 1) / DISK_BLOCK * DISK_BLOCK;
	t->files += (size > 0) - (n->size > 0);
	t->bytes += size - n->size;
	n->size = size;
}

static void set_fill(struct table *t, struct node *n, uint32_t fill)
{
	if (n->fill != 0)
		list_remove(&n->by_fill);
	n->fill = fill;
	n->filler = getpid();
	n->fill_began = now.ms;
	if (fill != 0)
		list_add_last(&t->filled, &n->by_fill);
}

static void forget(struct zone *z, struct node *n)
{
	struct table *t = table_of(z);
	struct node **at = bucket_of(t, &n->name);

	set_size(t, n, 0);
	set_fill(t, n, 0);
	while (*at != n)
		at = &(*at)->next;
	*at = n->next;
	list_remove(&n->by_use);
	slab_free(z->slab, n);
	z->slab->records--;
}

/* A name with a `fill` cannot be evicted. Otherwise a second request could store the same
 * answer at the same time. */
static struct node *oldest(struct table *t)
{
	for (struct list *link = t->by_use.prev; link != &t->by_use; link = link->prev) {
		struct node *n = CONTAINER_OF(link, struct node, by_use);

		if (n->fill == 0)
			return n;
	}
	return NULL;
}

static struct node *node_alloc(struct zone *z, struct index_look *look)
{
	struct node *n = slab_alloc(z->slab, sizeof(*n)), *old;

	if (n != NULL || look == NULL || (old = oldest(table_of(z))) == NULL)
		return n;
	look->evicted = old->size > 0;
	look->evicted_name = old->name;
	forget(z, old);
	return slab_alloc(z->slab, sizeof(*n));
}

/* Returns NULL when there is no room. If `look` is NULL, no other name is evicted. */
static struct node *find_or_add(struct zone *z, const struct cache_name *name,
				struct index_look *look)
{
	struct node *n = find(table_of(z), name), **bucket;

	if (n != NULL)
		return n;
	n = node_alloc(z, look);
	if (n == NULL)
		return NULL;
	bucket = bucket_of(table_of(z), name);
	n->name = *name;
	n->next = *bucket;
	*bucket = n;
	n->used = now.ms;
	list_add_first(&table_of(z)->by_use, &n->by_use);
	z->slab->records++;
	return n;
}

/* ---- the lock */

static void set_up(struct slab *s)
{
	size_t buckets = 16;
	struct table *t;

	while (buckets * BYTES_A_BUCKET < s->size)
		buckets *= 2;
	t = slab_alloc(s, sizeof(*t) + buckets * sizeof(struct node *));
	assert(t != NULL); /* the zone is empty */
	list_init(&t->by_use);
	list_init(&t->filled);
	t->mask = (uint32_t)buckets - 1;
	t->deaths = board_deaths();
	s->root = t;
}

/* Called after a process has ended. Other requests may now store the answers that this process
 * was storing. */
static void release_fills_of_dead(struct table *t)
{
	LIST_EACH(link, &t->filled) {
		struct node *n = CONTAINER_OF(link, struct node, by_fill);

		if (kill(n->filler, 0) < 0 && errno == ESRCH)
			set_fill(t, n, 0);
	}
}

static struct table *enter(struct zone *z)
{
	uint32_t deaths;
	struct table *t;

	slab_lock(z->slab);
	if (z->slab->root == NULL)
		set_up(z->slab);
	t = table_of(z);
	deaths = board_deaths();
	if (t->deaths != deaths) {
		t->deaths = deaths;
		release_fills_of_dead(t);
	}
	return t;
}

static void leave(struct zone *z)
{
	slab_unlock(z->slab);
}

/* ---- for requests */

static void describe(const struct node *n, struct index_look *look)
{
	look->uses = n->uses;
	look->on_disk = n->size > 0;
	look->is_filled = n->fill != 0;
	look->passes = n->pass_until > now.ms;
}

bool index_use(struct zone *z, const struct cache_name *name, struct index_look *look)
{
	struct table *t = enter(z);
	struct node *n;

	*look = (struct index_look){.uses = 0};
	n = find_or_add(z, name, look);
	if (n != NULL) {
		touch(t, n);
		n->uses++;
		describe(n, look);
	}
	leave(z);
	return n != NULL;
}

bool index_look(struct zone *z, const struct cache_name *name, struct index_look *look)
{
	const struct node *n = find(enter(z), name);

	*look = (struct index_look){.uses = 0};
	if (n != NULL)
		describe(n, look);
	leave(z);
	return n != NULL;
}

uint32_t index_begin_fill(struct zone *z, const struct cache_name *name, int64_t age)
{
	struct table *t = enter(z);
	struct node *n = find(t, name);
	uint32_t fill = 0;

	if (n != NULL && (n->fill == 0 || now.ms - n->fill_began >= age)) {
		fill = ++t->last_fill != 0 ? t->last_fill : ++t->last_fill;
		set_fill(t, n, fill);
	}
	leave(z);
	return fill;
}

void index_end_fill(struct zone *z, const struct cache_name *name, uint32_t fill, int64_t size)
{
	struct table *t = enter(z);
	struct node *n = size >= 0 ? find_or_add(z, name, NULL) : find(t, name);

	if (n != NULL && fill != 0 && n->fill == fill)
		set_fill(t, n, 0);
	if (n != NULL && size >= 0)
		set_size(t, n, size);
	if (n != NULL)
		n->pass_until = size == INDEX_NOT_STORABLE ? now.ms + INDEX_PASS : 0;
	leave(z);
}

bool index_found(struct zone *z, const struct cache_name *name, int64_t size)
{
	struct table *t = enter(z);
	struct node *n = find_or_add(z, name, NULL);

	if (n != NULL)
		set_size(t, n, size);
	leave(z);
	return n != NULL;
}

void index_drop(struct zone *z, const struct cache_name *name)
{
	struct table *t = enter(z);
	struct node *n = find(t, name);

	if (n != NULL)
		set_size(t, n, 0);
	leave(z);
}

/* ---- for the manager of the cache */

bool index_take_oldest(struct zone *z, int64_t used_before, struct cache_name *name)
{
	struct node *n = oldest(enter(z));
	bool found = n != NULL && n->used < used_before;

	if (found) {
		*name = n->name;
		forget(z, n);
	}
	leave(z);
	return found;
}

void index_totals(struct zone *z, struct index_totals *totals)
{
	const struct table *t = enter(z);

	*totals = (struct index_totals){t->bytes, t->files, z->slab->records, t->loaded};
	leave(z);
}

void index_set_loaded(struct zone *z, uint32_t resets)
{
	struct table *t = enter(z);

	t->loaded = z->slab->resets == resets;
	leave(z);
}
