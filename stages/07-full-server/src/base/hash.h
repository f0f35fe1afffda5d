/*
 * hash: a table that finds an object by its key, which is a byte string. As in list.h, the node
 * is a member of the object. The object also owns the bytes of the key. Keys are compared byte
 * by byte. To ignore case, add and look up keys in lower case.
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
	struct hash_node **buckets; /* owned; NULL until the first node is added */
	uint32_t size, count;
};

uint32_t hash_bytes(struct str key);

void hash_init(struct hash *h);
/* empties the table and frees no nodes: they belong to the caller */
void hash_fini(struct hash *h);

struct hash_node *hash_find(const struct hash *h, struct str key, uint32_t hash);
/* Set node->key before. Returns -1 when there is no memory. */
int hash_add(struct hash *h, struct hash_node *node);
void hash_remove(struct hash *h, struct hash_node *node);

static inline struct hash_node *hash_get(const struct hash *h, struct str key)
{
	return hash_find(h, key, hash_bytes(key));
}

#endif
