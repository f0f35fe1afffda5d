/*
 * pool: memory that is freed together. A request's pool ends with the request;
 * nothing is freed one by one.
 *
 * A small piece is cut from the current block by moving a pointer. A piece
 * larger than a quarter of a block gets a malloc of its own, so that it does
 * not leave the rest of a block unused.
 *
 * Descriptors are cleanups: they run when the pool is destroyed, the newest first.
 *
 * Blocks of the common size are kept for the next pool, because most pools live for one
 * request only; pool_release_kept gives them back when memory is short.
 */
#ifndef MEM_POOL_H
#define MEM_POOL_H

#include <stddef.h>

enum { POOL_BLOCK = 4096 }; /* the common size */

struct pool;

struct pool_cleanup {
	void (*run)(void *data); /* NULL: disarmed */
	void *data;
	struct pool_cleanup *next;
};

struct pool *pool_create(size_t block_size); /* NULL: no memory */
void pool_destroy(struct pool *p);

/* NULL with errno ENOMEM when there is no memory. */
void *pool_alloc(struct pool *p, size_t n); /* aligned to 8 */

/* The cleanup does nothing until the caller sets `run`; NULL: no memory. */
struct pool_cleanup *pool_cleanup_add(struct pool *p, void *data);
/* the cleanup closes it; -1: no memory, and the caller still owns fd */
int pool_cleanup_fd(struct pool *p, int fd);

size_t pool_release_kept(void); /* how many bytes went back to malloc */

#endif
