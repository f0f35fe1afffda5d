/*
 * pool: memory that is freed together. The pool of a request is destroyed with the request, and
 * the pool of a configuration with the configuration. Single pieces are not freed.
 *
 * A small piece is cut from the current block by moving a pointer. A piece that is larger than
 * a quarter of a block is allocated with its own call of malloc: otherwise the rest of the
 * current block would stay unused. Only such a large piece can be freed early.
 *
 * Descriptors are cleanups: they run when the pool is destroyed, the newest first.
 *
 * Most pools live for one request only, so blocks of the common size are kept for the next
 * pool. pool_release_kept frees the kept blocks when memory is short.
 */
#ifndef MEM_POOL_H
#define MEM_POOL_H

#include <stddef.h>

enum { POOL_BLOCK = 4096 }; /* the common size */

struct pool;

struct pool_cleanup {
	void (*run)(void *data); /* NULL means that the cleanup does nothing */
	void *data;
	struct pool_cleanup *next;
};

struct pool *pool_create(size_t block_size); /* NULL: no memory */
void pool_destroy(struct pool *p);

/* NULL with errno ENOMEM when there is no memory. */
void *pool_alloc(struct pool *p, size_t n); /* aligned to 8 */

/* Adds a cleanup. The cleanup does nothing until the caller sets `run`. Returns NULL when there
 * is no memory. */
struct pool_cleanup *pool_cleanup_add(struct pool *p, void *data);
/* Adds a cleanup that closes fd. Returns -1 when there is no memory; then the caller still owns
 * fd. */
int pool_cleanup_fd(struct pool *p, int fd);

size_t pool_release_kept(void); /* returns how many bytes were freed */

#endif
