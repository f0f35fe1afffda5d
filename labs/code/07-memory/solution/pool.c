/* pool.c - pieces that die together. */
#include "own.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

/* LAB-BEGIN 4: blocks and large pieces (about 50 lines) */
enum { ALIGN = 16, BLOCK_ROOM = POOL_BLOCK - sizeof(struct pool_block) };

static size_t aligned(size_t n)
{
	return n == 0 ? ALIGN : (n + ALIGN - 1) / ALIGN * ALIGN;
}

static char *block_end(struct pool_block *b)
{
	return (char *)b + POOL_BLOCK;
}

static struct pool_block *block_add(struct pool *p)
{
	struct pool_block *b = small_get(POOL_BLOCK);

	if (!b)
		return NULL;
	b->older = p->block;
	p->block = b;
	p->next = (char *)(b + 1);
	return b;
}

static void *large_add(struct pool *p, size_t n)
{
	struct pool_large *l;

	if (n > SIZE_MAX - sizeof *l) {
		errno = ENOMEM;
		return NULL;
	}
	l = small_get(sizeof *l + n);
	if (!l)
		return NULL;
	l->size = sizeof *l + n;
	l->older = p->large;
	p->large = l;
	return l + 1;
}

static void blocks_put(struct pool_block *from, const struct pool_block *until)
{
	while (from != until) {
		struct pool_block *older = from->older;

		small_put(from, POOL_BLOCK);
		from = older;
	}
}

static void larges_put(struct pool_large *from, const struct pool_large *until)
{
	while (from != until) {
		struct pool_large *older = from->older;

		small_put(from, from->size);
		from = older;
	}
}

static void cleanups_run(struct pool *p, const struct pool_cleanup *until)
{
	while (p->cleanup != until) {
		struct pool_cleanup *c = p->cleanup;

		p->cleanup = c->older;
		c->run(c->data);
	}
}

static void children_destroy(struct pool *p, size_t until)
{
	while (p->child && p->child->birth > until)
		pool_destroy(p->child);
}
/* LAB-ELSE
LAB-END */

struct pool *pool_create(struct pool *parent)
{
	/* LAB-BEGIN 4 */
	struct pool on_stack = {.parent = parent}, *p;

	if (!block_add(&on_stack))
		return NULL;
	p = (struct pool *)on_stack.next;
	*p = on_stack;
	p->next += aligned(sizeof *p);
	if (parent) {
		p->birth = ++parent->births;
		p->older = parent->child;
		if (p->older)
			p->older->newer = p;
		parent->child = p;
	}
	return p;
	/* LAB-ELSE
	(void)parent;
	return NULL;
	LAB-END */
}

/* LAB-BEGIN 5: a parent forgets a child */
static void leave_parent(struct pool *p)
{
	if (p->older)
		p->older->newer = p->newer;
	if (p->newer)
		p->newer->older = p->older;
	else if (p->parent)
		p->parent->child = p->older;
}
/* LAB-ELSE
LAB-END */

void pool_destroy(struct pool *p)
{
	/* LAB-BEGIN 5 */
	children_destroy(p, 0);
	cleanups_run(p, NULL);
	leave_parent(p);
	larges_put(p->large, NULL);
	blocks_put(p->block, NULL);
	/* LAB-ELSE
	(void)p;
	LAB-END */
}

void *pool_get(struct pool *p, size_t n)
{
	/* LAB-BEGIN 4 */
	void *piece;

	if (n > BLOCK_ROOM)
		return large_add(p, n);
	n = aligned(n);
	if ((size_t)(block_end(p->block) - p->next) < n && !block_add(p))
		return NULL;
	piece = p->next;
	p->next += n;
	return piece;
	/* LAB-ELSE
	(void)p, (void)n;
	errno = ENOMEM;
	return NULL;
	LAB-END */
}

int pool_cleanup(struct pool *p, void (*run)(void *data), void *data)
{
	/* LAB-BEGIN 4 */
	struct pool_cleanup *c = pool_get(p, sizeof *c);

	if (!c)
		return -1;
	*c = (struct pool_cleanup){p->cleanup, run, data};
	p->cleanup = c;
	return 0;
	/* LAB-ELSE
	(void)p, (void)run, (void)data;
	return -1;
	LAB-END */
}

struct pool_mark pool_mark(struct pool *p)
{
	/* LAB-BEGIN 5: marks */
	return (struct pool_mark){p->block, p->next, p->large, p->cleanup, p->births};
	/* LAB-ELSE
	(void)p;
	return (struct pool_mark){0};
	LAB-END */
}

void pool_back(struct pool *p, struct pool_mark m)
{
	/* LAB-BEGIN 5 */
	children_destroy(p, m.births);
	cleanups_run(p, m.cleanup);
	larges_put(p->large, m.large);
	blocks_put(p->block, m.block);
	p->large = m.large;
	p->block = m.block;
	p->next = m.next;
	/* LAB-ELSE
	(void)p, (void)m;
	LAB-END */
}
