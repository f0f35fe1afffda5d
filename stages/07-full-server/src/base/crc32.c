#include "base/crc32.h"

/* effects[i]: the four lowest bits of the sum are i, and are shifted out. Then the other bits
 * of the sum are XORed with effects[i]. */
static const uint32_t effects[16] = {
    0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
    0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
};

uint32_t crc32_more(uint32_t sum, struct str bytes)
{
	sum = ~sum;
	for (size_t i = 0; i < bytes.len; i++) {
		sum ^= (unsigned char)bytes.data[i];
		sum = sum >> 4 ^ effects[sum & 15];
		sum = sum >> 4 ^ effects[sum & 15];
	}
	return ~sum;
}

uint32_t crc32_of(struct str bytes)
{
	return crc32_more(0, bytes);
}
