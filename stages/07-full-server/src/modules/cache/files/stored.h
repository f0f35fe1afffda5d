/*
 * stored: what a file of the cache begins with.
 *
 *     fixed part, 128 bytes, little-endian:
 *          0  "CACHE\n1\n"
 *          8  CRC-32 of all of the head behind this number
 *         12  size of the head: the body begins there
 *         16  size of the key          20  size of the names of Vary
 *         24  size of the header lines 28  status (16 bits), flags (16 bits)
 *         32  born        40  fresh_until     48  while_revalidate   56  if_error
 *         64  size of the body                72  family             80  variant (16)
 *         96  zeros
 *     "\nKEY: " key "\n" names of Vary "\n" header lines, each "Name: value\n"
 *     the body
 *
 * A file is good when its head has the right sum and its size is that of head and body. So a
 * torn file, a file of something else and an older layout are all the same: no answer of ours.
 * The key stands in a line of its own, so that `grep -a ^KEY:` finds the file of a page.
 */
#ifndef CACHE_STORED_H
#define CACHE_STORED_H

#include "modules/cache/rules/fresh.h"
#include "modules/cache/rules/md5.h"

enum { STORED_FIXED = 128, STORED_HEAD_MOST = 1 << 20 };

struct stored {
	int status;
	struct freshness fresh;
	struct str key;
	struct str vary; /* its names; empty: the answer fits every request */
	unsigned char variant[MD5_SIZE];
	/* A number that all variants of a key share. It is part of the names of their files:
	 * when the first file is gone, no request finds the others any more. */
	uint64_t family;
	int64_t body_at, body_size;
	struct header_list headers;
};

/* The size of the head; sets body_at. 0: larger than STORED_HEAD_MOST. */
size_t stored_measure(struct stored *s);
void stored_put(char *to, const struct stored *s);

enum stored_result { STORED_GOOD, STORED_SHORT, STORED_BAD };

/*
 * STORED_SHORT: the head has *wanted bytes. The texts of `s` point into `bytes`; the list of
 * headers is made in the pool.
 */
enum stored_result stored_parse(struct pool *p, struct str bytes, struct stored *s, size_t *wanted);

#endif
