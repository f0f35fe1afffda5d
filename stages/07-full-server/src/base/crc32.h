/*
 * crc32: the checksum of Ethernet, gzip and PNG: polynomial 0x04C11DB7, each byte from its
 * lowest bit on, all bits turned before and after. It finds accidents, not attacks: an
 * attacker who changes the bytes can also compute the sum.
 *
 *     crc32 of "123456789" is 0xCBF43926, of nothing 0
 */
#ifndef BASE_CRC32_H
#define BASE_CRC32_H

#include "base/str.h"

uint32_t crc32_of(struct str bytes);
/* sum: of the bytes before these */
uint32_t crc32_more(uint32_t sum, struct str bytes);

#endif
