/* own.h - yours: the structs of your pools, and what your allocator knows about its chunks. */
#pragma once

#include "memory.h"

/* LAB-BEGIN 0: your structs (about 30 lines) */
/* Stands before the bytes of a chunk. 32 bytes, so that what follows is aligned to 16. */
struct chunk {
	struct chunk *next;
	size_t size; /* what may be cut into blocks */
	size_t idle; /* small_trim counts here */
	size_t unused;
};

struct pool_block {
	struct pool_block *older;
	size_t unused;
};

struct pool_large {
	struct pool_large *older;
	size_t size;
};

struct pool_cleanup {
	struct pool_cleanup *older;
	void (*run)(void *data);
	void *data;
};

struct pool {
	struct pool *parent, *child, *older, *newer; /* child: its newest one */
	size_t birth, births;                        /* children are numbered */
	struct pool_block *block;                    /* the newest; the oldest has the pool itself */
	char *next;                                  /* free bytes of the newest block, up to its end */
	struct pool_large *large;
	struct pool_cleanup *cleanup;
};

struct pool_mark {
	struct pool_block *block;
	char *next;
	struct pool_large *large;
	struct pool_cleanup *cleanup;
	size_t births;
};
/* LAB-ELSE
struct pool {
	int unused;
};

struct pool_mark {
	int unused;
};
LAB-END */
