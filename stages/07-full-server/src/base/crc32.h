/*
 * crc32: the checksum that Ethernet, gzip and PNG use. The polynomial is 0x04C11DB7. Each byte
 * is read from its lowest bit on, and all bits of the sum are inverted before and after. The
 * checksum finds accidents, not attacks: an attacker who changes the bytes can also compute the
 * new sum.
 *
 *     crc32 of "123456789" is 0xCBF43926, crc32 of "" is 0
 */
#ifndef BASE_CRC32_H
#define BASE_CRC32_H

#include "base/str.h"

uint32_t crc32_of(struct str bytes);
/* `sum` is the checksum of all bytes before these. Returns the checksum of all bytes together. */
uint32_t crc32_more(uint32_t sum, struct str bytes);

#endif
