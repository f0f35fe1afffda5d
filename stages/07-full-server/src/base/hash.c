#include "base/hash.h"

#include <assert.h>
#include <stdlib.h>

enum { FIRST_SIZE = 16 };

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

/* Reads eight bytes at a time. Paths and names are long, so this is faster than one byte at a
 * time. */
uint32_t hash_bytes(struct str key)
{
	uint64_t hash = key.len, word = 0;
	const char *p = key.data;
	size_t left = key.len;

	for (; left >= sizeof(word); left -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		hash = mix(hash, word);
	}
	if (left > 0) {
		word = 0;
		memcpy(&word, p, left);
		hash = mix(hash, word);
	}
	return (uint32_t)(hash ^ hash >> 32);
}

void hash_init(struct hash *h)
{
	*h = (struct hash){0};
}

void hash_fini(struct hash *h)
{
	free(h->buckets);
	*h = (struct hash){0};
}

static struct hash_node **bucket_of(const struct hash *h, uint32_t hash)
{
	return &h->buckets[hash & (h->size - 1)];
}

struct hash_node *hash_find(const struct hash *h, struct str key, uint32_t hash)
{
	if (h->size == 0)
		return NULL;
	for (struct hash_node *node = *bucket_of(h, hash); node != NULL; node = node->next)
		if (node->hash == hash && str_equal(node->key, key))
			return node;
	return NULL;
}

static void link_node(struct hash *h, struct hash_node *node)
{
	struct hash_node **bucket = bucket_of(h, node->hash);

	node->next = *bucket;
	*bucket = node;
}

static int hash_grow(struct hash *h)
{
	struct hash old = *h;
	uint32_t size = old.size > 0 ? old.size * 2 : FIRST_SIZE;

	h->buckets = calloc(size, sizeof(*h->buckets));
	if (h->buckets == NULL) {
		h->buckets = old.buckets;
		return -1;
	}
	h->size = size;
	for (uint32_t i = 0; i < old.size; i++) {
		for (struct hash_node *node = old.buckets[i], *next; node != NULL; node = next) {
			next = node->next;
			link_node(h, node);
		}
	}
	free(old.buckets);
	return 0;
}

int hash_add(struct hash *h, struct hash_node *node)
{
	/* If there is no memory to grow, an existing table still works, only more slowly.
	 * Without any table the node cannot be added. */
	if (h->count >= h->size && hash_grow(h) < 0 && h->size == 0)
		return -1;
	node->hash = hash_bytes(node->key);
	link_node(h, node);
	h->count++;
	return 0;
}

void hash_remove(struct hash *h, struct hash_node *node)
{
	struct hash_node **at = bucket_of(h, node->hash);

	while (*at != node) {
		assert(*at != NULL);
		at = &(*at)->next;
	}
	*at = node->next;
	h->count--;
}
