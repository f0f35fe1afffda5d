/*
 * md5: a digest of 16 bytes (RFC 1321). It names things: two texts with the same name do not
 * happen by accident. It stops no attacker, so a name found by it is compared with the text.
 *
 *     md5 of "abc" is 900150983cd24fb0d6963f7d28e17f72
 */
#ifndef CACHE_MD5_H
#define CACHE_MD5_H

#include "base/str.h"

enum { MD5_SIZE = 16 };

struct md5 {
	uint32_t state[4];
	uint64_t size; /* bytes so far */
	unsigned char block[64];
};

void md5_init(struct md5 *m);
void md5_add(struct md5 *m, struct str bytes);
void md5_end(struct md5 *m, unsigned char digest[MD5_SIZE]);

#endif
