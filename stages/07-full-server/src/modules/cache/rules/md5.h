/*
 * md5: a digest of 16 bytes (RFC 1321). The cache uses it as a name for a text. Two texts do
 * not get the same name by accident, but an attacker can make such texts. So the cache also
 * compares the text of each file that it finds by name.
 *
 *     md5 of "abc" is 900150983cd24fb0d6963f7d28e17f72
 */
#ifndef CACHE_MD5_H
#define CACHE_MD5_H

#include "base/str.h"

enum { MD5_SIZE = 16 };

struct md5 {
	uint32_t state[4];
	uint64_t size; /* the number of bytes so far */
	unsigned char block[64];
};

void md5_init(struct md5 *m);
void md5_add(struct md5 *m, struct str bytes);
void md5_end(struct md5 *m, unsigned char digest[MD5_SIZE]);

#endif
