#include "mem/slab.h"

#include <assert.h>
#include <string.h>

#include "base/log.h"

/*
 * What a page is used for. The entry of the first page describes the whole run of pages. The
 * entry of the last page of a free run does so too: when the run behind it becomes free, that
 * entry tells how long the free run is, and the two are joined.
 */
enum use { INSIDE, FREE, RUN, BLOCKS };

struct free_block {
	struct free_block *next;
};

struct slab_page {
	/* FREE: the link in free_runs; BLOCKS with a free block: the link in `partial` */
	struct list link;
	struct free_block *blocks; /* BLOCKS: the free blocks of the page */
	uint32_t run;              /* FREE, RUN: the number of pages in the run */
	uint16_t live;             /* BLOCKS: the number of blocks in use */
	uint8_t size_class;        /* BLOCKS: a block has SLAB_SMALLEST << size_class bytes */
	uint8_t use;
};

/* ---- pages and their addresses */

static uint32_t number_of(const struct slab *s, const struct slab_page *p)
{
	return (uint32_t)(p - s->pages);
}

static char *bytes_of(const struct slab *s, const struct slab_page *p)
{
	return s->first + (size_t)number_of(s, p) * SLAB_PAGE;
}

static struct slab_page *page_of(const struct slab *s, const void *block)
{
	size_t offset = (size_t)((const char *)block - s->first);

	assert((const char *)block >= s->first && offset / SLAB_PAGE < s->page_count);
	return &s->pages[offset / SLAB_PAGE];
}

/* ---- runs of pages */

static void add_free_run(struct slab *s, struct slab_page *first, uint32_t run)
{
	first->use = first[run - 1].use = FREE;
	first->run = first[run - 1].run = run;
	list_add_first(&s->free_runs, &first->link);
}

static struct slab_page *take_run(struct slab *s, uint32_t run, enum use use)
{
	LIST_EACH(link, &s->free_runs) {
		struct slab_page *p = CONTAINER_OF(link, struct slab_page, link);

		if (p->run < run)
			continue;
		list_remove(&p->link);
		if (p->run > run)
			add_free_run(s, p + run, p->run - run);
		p[run - 1].use = INSIDE;
		p->use = use;
		p->run = run;
		s->pages_used += run;
		return p;
	}
	return NULL;
}

static void give_back_run(struct slab *s, struct slab_page *p)
{
	struct slab_page *before = p - 1, *behind = p + p->run;
	uint32_t run = p->run;

	s->pages_used -= run;
	if (behind < s->pages + s->page_count && behind->use == FREE) {
		run += behind->run;
		list_remove(&behind->link);
	}
	p->use = INSIDE;
	if (p > s->pages && before->use == FREE) {
		run += before->run;
		p -= before->run;
		list_remove(&p->link);
	}
	add_free_run(s, p, run);
}

/* ---- blocks in a page */

static void cut(struct slab *s, struct slab_page *p, uint8_t size_class)
{
	size_t size = (size_t)SLAB_SMALLEST << size_class;
	char *bytes = bytes_of(s, p);

	p->size_class = size_class;
	p->live = 0;
	p->blocks = NULL;
	for (size_t at = SLAB_PAGE; at > 0; at -= size) {
		struct free_block *b = (struct free_block *)(bytes + at - size);

		b->next = p->blocks;
		p->blocks = b;
	}
	list_add_first(&s->partial[size_class], &p->link);
}

static struct slab_page *page_with_room(struct slab *s, uint8_t size_class)
{
	struct slab_page *p;

	if (!list_is_empty(&s->partial[size_class]))
		return CONTAINER_OF(s->partial[size_class].next, struct slab_page, link);
	p = take_run(s, 1, BLOCKS);
	if (p != NULL)
		cut(s, p, size_class);
	return p;
}

static void *take_block(struct slab *s, uint8_t size_class)
{
	struct slab_page *p = page_with_room(s, size_class);
	struct free_block *b;

	if (p == NULL)
		return NULL;
	b = p->blocks;
	p->blocks = b->next;
	p->live++;
	if (p->blocks == NULL)
		list_remove(&p->link);
	return b;
}

static void give_back_block(struct slab *s, struct slab_page *p, void *block)
{
	struct free_block *b = block;

	assert(p->live > 0);
	if (p->blocks == NULL)
		list_add_first(&s->partial[p->size_class], &p->link);
	b->next = p->blocks;
	p->blocks = b;
	if (--p->live > 0)
		return;
	list_remove(&p->link);
	give_back_run(s, p);
}

/* ---- the functions for other files */

static void *take_pages(struct slab *s, size_t n)
{
	const struct slab_page *p = NULL;

	if (n <= s->size)
		p = take_run(s, (uint32_t)((n + SLAB_PAGE - 1) / SLAB_PAGE), RUN);
	return p != NULL ? bytes_of(s, p) : NULL;
}

void *slab_alloc(struct slab *s, size_t n)
{
	uint8_t size_class = 0;
	void *block;

	assert(shmutex_is_mine(&s->mutex));
	while (size_class < SLAB_CLASSES && (size_t)SLAB_SMALLEST << size_class < n)
		size_class++;
	block = size_class < SLAB_CLASSES ? take_block(s, size_class) : take_pages(s, n);
	return block != NULL ? memset(block, 0, n) : NULL;
}

void slab_free(struct slab *s, void *block)
{
	struct slab_page *p = page_of(s, block);

	assert(shmutex_is_mine(&s->mutex));
	assert(p->use == BLOCKS || (p->use == RUN && block == bytes_of(s, p)));
	if (p->use == BLOCKS)
		give_back_block(s, p, block);
	else
		give_back_run(s, p);
}

/* Empties the slab: after this all pages are free. */
static void reset(struct slab *s)
{
	memset(s->pages, 0, s->page_count * sizeof(*s->pages));
	for (int i = 0; i < SLAB_CLASSES; i++)
		list_init(&s->partial[i]);
	list_init(&s->free_runs);
	s->pages_used = 0;
	add_free_run(s, s->pages, s->page_count);
	s->root = NULL;
	s->records = 0;
}

/* Divides the memory into the table and the pages. The table has one entry for each page. */
static void lay_out(struct slab *s)
{
	uintptr_t begin = (uintptr_t)(s + 1), end = (uintptr_t)s + s->size;
	uintptr_t first;

	s->pages = (struct slab_page *)begin;
	s->page_count = (uint32_t)((end - begin) / (SLAB_PAGE + sizeof(*s->pages)));
	first = (begin + s->page_count * sizeof(*s->pages) + SLAB_PAGE - 1) / SLAB_PAGE * SLAB_PAGE;
	if (first + (uintptr_t)s->page_count * SLAB_PAGE > end)
		s->page_count--;
	s->first = (char *)first;
}

struct slab *slab_init(void *memory, size_t size, struct str name)
{
	struct slab *s = memory;

	assert(size >= SLAB_LEAST);
	memset(s, 0, sizeof(*s));
	s->size = size;
	memcpy(s->name, name.data, name.len < SLAB_NAME ? name.len : SLAB_NAME - 1);
	shmutex_init(&s->mutex);
	lay_out(s);
	reset(s);
	return s;
}

/*
 * A process can be killed between two instructions: then all earlier writes are done, and all
 * later writes are not. So only the compiler could change the order of the writes. The fences
 * forbid this, as they do for a signal handler.
 */
void slab_lock(struct slab *s)
{
	shmutex_lock(&s->mutex);
	if (s->changing != 0) {
		log_write(
		    log_main, LOG_ALERT,
		    "zone \"%s\": process %d has died while changing it; it starts again, empty",
		    s->name, (int)s->changing);
		reset(s);
		s->resets++;
	}
	s->changing = atomic_load_explicit(&s->mutex.owner, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
}

void slab_unlock(struct slab *s)
{
	atomic_signal_fence(memory_order_seq_cst);
	s->changing = 0;
	atomic_signal_fence(memory_order_seq_cst);
	shmutex_unlock(&s->mutex);
}
