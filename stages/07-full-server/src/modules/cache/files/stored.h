/*
 * stored: the first bytes of each file in the cache.
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
 * A file is valid when the checksum of its head is right, and when its size is the size of the
 * head and the body. So an incomplete file, a file of another program and a file with an older
 * layout are all treated like a missing file. The key has a line of its own, so that `grep -a
 * ^KEY:` finds the file of a page.
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
	struct str vary; /* the names in Vary; empty means that the answer fits every request */
	unsigned char variant[MD5_SIZE];
	/* A number that all variants of a key share. It is part of the names of their files.
	 * When the first file is gone, the next first file has a new number, so no request
	 * finds the old variants. */
	uint64_t family;
	int64_t body_at, body_size;
	struct header_list headers;
};

/* Computes the size of the head and sets body_at. Returns 0 when the head is larger than
 * STORED_HEAD_MOST. */
size_t stored_measure(struct stored *s);
void stored_put(char *to, const struct stored *s);

enum stored_result { STORED_GOOD, STORED_SHORT, STORED_BAD };

/*
 * STORED_SHORT means that the head has *wanted bytes. The texts of `s` point into `bytes`. The
 * list of headers is allocated in the pool.
 */
enum stored_result stored_parse(struct pool *p, struct str bytes, struct stored *s, size_t *wanted);

#endif
