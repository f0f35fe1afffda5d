/*
 * hash: a table from byte strings to things. The nodes live inside the things, as in list.h;
 * the key's bytes belong to the thing too. Keys are compared byte by byte: to ignore case,
 * store and look up lower case.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdint.h>

#include "base/str.h"

struct hash_node {
	struct hash_node *next;
	struct str key;
	uint32_t hash;
};

struct hash {
	struct hash_node **buckets; /* owned; NULL until the first node */
	uint32_t size, count;
};

uint32_t hash_bytes(struct str key);

void hash_init(struct hash *h);
void hash_fini(struct hash *h); /* empties the table; the nodes belong to the caller */

struct hash_node *hash_find(const struct hash *h, struct str key, uint32_t hash);
int hash_add(struct hash *h, struct hash_node *node); /* node->key is set; -1: no memory */
void hash_remove(struct hash *h, struct hash_node *node);

static inline struct hash_node *hash_get(const struct hash *h, struct str key)
{
	return hash_find(h, key, hash_bytes(key));
}

#endif
