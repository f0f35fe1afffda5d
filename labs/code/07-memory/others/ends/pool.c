#include "own.h"

#include <errno.h>

enum { HEAD = (sizeof(struct undo) + 15) / 16 * 16 };

static void *carve(struct pool *p, size_t n)
{
	char *at = p->free;

	if ((size_t)(p->end - at) < n) {
		struct undo *u = small_get(POOL_BLOCK);

		if (!u)
			return 0;
		*u = (struct undo){p->newest, UNDO_BLOCK, POOL_BLOCK, u, 0};
		p->newest = u;
		at = (char *)u + HEAD;
		p->end = (char *)u + POOL_BLOCK;
	}
	p->free = at + n;
	return at;
}

struct pool *pool_create(struct pool *parent)
{
	struct pool *p = small_get(POOL_BLOCK);

	if (!p)
		return 0;
	p->newest = 0;
	p->in_parent = 0;
	p->free = (char *)p + (sizeof *p + 15) / 16 * 16;
	p->end = (char *)p + POOL_BLOCK;
	p->self = POOL_BLOCK;
	if (parent) {
		struct undo *u = carve(parent, HEAD);

		if (!u) {
			small_put(p, POOL_BLOCK);
			return 0;
		}
		*u = (struct undo){parent->newest, UNDO_CHILD, 0, p, 0};
		parent->newest = u;
		p->in_parent = u;
	}
	return p;
}

/* Children first; then what is left, newest first. Memory goes last, for a cleanup may use it. */
static void undo(struct pool *p, struct undo *until)
{
	struct undo *u, *older;

	for (u = p->newest; u != until; u = u->older)
		if (u->kind == UNDO_CHILD) {
			u->kind = UNDO_NOTHING;
			((struct pool *)u->what)->in_parent = 0;
			pool_destroy(u->what);
		}
	for (u = p->newest; u != until; u = u->older)
		if (u->kind == UNDO_RUN) {
			u->kind = UNDO_NOTHING;
			u->run(u->what);
		}
	/* a node may lie in a block of this list: blocks are older than what lies in them */
	for (u = p->newest; u != until; u = older) {
		older = u->older;
		if (u->kind == UNDO_BLOCK || u->kind == UNDO_LARGE)
			small_put(u->what, u->n);
	}
	p->newest = until;
}

void pool_destroy(struct pool *p)
{
	if (p->in_parent)
		p->in_parent->kind = UNDO_NOTHING;
	undo(p, 0);
	small_put(p, p->self);
}

void *pool_get(struct pool *p, size_t n)
{
	struct undo *u;

	if (n == 0)
		n = 1;
	if (n < POOL_BLOCK - HEAD - 16)
		return carve(p, (n + 15) / 16 * 16);
	u = n + HEAD > n ? small_get(n + HEAD) : 0;
	if (!u) {
		errno = ENOMEM;
		return 0;
	}
	*u = (struct undo){p->newest, UNDO_LARGE, n + HEAD, u, 0};
	p->newest = u;
	return (char *)u + HEAD;
}

int pool_cleanup(struct pool *p, void (*run)(void *), void *data)
{
	struct undo *u = carve(p, HEAD);

	if (!u)
		return -1;
	*u = (struct undo){p->newest, UNDO_RUN, 0, data, run};
	p->newest = u;
	return 0;
}

struct pool_mark pool_mark(struct pool *p)
{
	return (struct pool_mark){p->newest, p->free, p->end};
}

void pool_back(struct pool *p, struct pool_mark m)
{
	undo(p, m.newest);
	p->free = m.free;
	p->end = m.end;
}
