/*
 * pool: memory that dies together. A request's pool ends with the request, the
 * configuration's with the configuration; nothing is freed one by one.
 *
 * A small piece is cut from the current block by moving a pointer. A piece
 * larger than a quarter of a block gets a malloc of its own, so that it does
 * not leave the rest of a block unused; only such a piece can be freed early.
 *
 * Descriptors, references and temporary files are cleanups: they run when the
 * pool is destroyed, the newest first.
 *
 * Blocks of the common size are kept for the next pool (a request a time is
 * the usual life); pool_release_kept gives them back when memory is short.
 */
#ifndef MEM_POOL_H
#define MEM_POOL_H

#include "base/str.h"

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
void *pool_alloc(struct pool *p, size_t n);  /* aligned to 8 */
void *pool_zalloc(struct pool *p, size_t n); /* and zeroed */
char *pool_bytes(struct pool *p, size_t n);  /* not aligned: for text */
void *pool_array(struct pool *p, size_t count, size_t size);

/* For a piece larger than the pool's blocks allow; false: it was not one of those. */
bool pool_free_large(struct pool *p, void *piece);

struct str pool_str(struct pool *p, struct str s);   /* a copy; data NULL: no memory */
struct str pool_str_z(struct pool *p, struct str s); /* a copy with a NUL behind it */
struct str pool_print(struct pool *p, const char *format, ...)
    __attribute__((format(printf, 2, 3))); /* likewise, with a NUL behind it */

/* The cleanup is disarmed until the caller sets `run`; NULL: no memory. */
struct pool_cleanup *pool_cleanup_add(struct pool *p, void *data);
/* The data of the newest cleanup that runs this; NULL: there is none. */
void *pool_cleanup_find(const struct pool *p, void (*run)(void *data));
int pool_cleanup_fd(struct pool *p, int fd); /* closes it; -1: no memory, fd still yours */

struct pool_stats {
	size_t pools;       /* alive */
	size_t blocks;      /* in those pools */
	size_t kept;        /* waiting for the next pool */
	size_t large_bytes; /* in pieces of their own */
};

extern struct pool_stats pool_stats;

size_t pool_release_kept(void); /* how many bytes went back to malloc */

/* A growing array in a pool: `items` is replaced when it has to move. */
struct pool_list {
	void *items;
	size_t count, room;
};

void *pool_list_add(struct pool *p, struct pool_list *list, size_t size); /* zeroed */

#endif
