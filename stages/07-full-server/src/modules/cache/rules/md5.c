#include "modules/cache/rules/md5.h"

/* The table of RFC 1321: the first 32 bits of the fraction of |sin(i + 1)|. */
static const uint32_t sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

static uint32_t little_endian(const unsigned char *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

/* The functions of the four rounds. */
#define F(x, y, z) (((x) & (y)) | (~(x) & (z)))
#define G(x, y, z) (((z) & (x)) | (~(z) & (y)))
#define H(x, y, z) ((x) ^ (y) ^ (z))
#define I(x, y, z) ((y) ^ ((x) | ~(z)))

#define STEP(f, a, b, c, d, i, first, stride, shift)                                               \
	a += f(b, c, d) + words[((first) + (i) * (stride)) % 16] + sine[i];                        \
	a = (b) + (a << (shift) | a >> (32 - (shift)))

/* A round has 16 steps. After every four steps, each variable is back in its first place. */
#define ROUND(f, first, stride, s0, s1, s2, s3)                                                    \
	for (int i = 0; i < 16; i += 4) {                                                          \
		STEP(f, a, b, c, d, i, first, stride, s0);                                         \
		STEP(f, d, a, b, c, i + 1, first, stride, s1);                                     \
		STEP(f, c, d, a, b, i + 2, first, stride, s2);                                     \
		STEP(f, b, c, d, a, i + 3, first, stride, s3);                                     \
	}                                                                                          \
	sine += 16

static void add_block(struct md5 *m, const unsigned char *block)
{
	uint32_t a = m->state[0], b = m->state[1], c = m->state[2], d = m->state[3];
	const uint32_t *sine = sines;
	uint32_t words[16];

	for (int i = 0; i < 16; i++)
		words[i] = little_endian(block + 4 * i);
	ROUND(F, 0, 1, 7, 12, 17, 22);
	ROUND(G, 1, 5, 5, 9, 14, 20);
	ROUND(H, 5, 3, 4, 11, 16, 23);
	ROUND(I, 0, 7, 6, 10, 15, 21);
	m->state[0] += a;
	m->state[1] += b;
	m->state[2] += c;
	m->state[3] += d;
}

void md5_init(struct md5 *m)
{
	*m = (struct md5){.state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}};
}

void md5_add(struct md5 *m, struct str bytes)
{
	size_t used = m->size % sizeof(m->block), room;

	m->size += bytes.len;
	while (bytes.len > 0) {
		room = sizeof(m->block) - used;
		if (room > bytes.len)
			room = bytes.len;
		memcpy(m->block + used, bytes.data, room);
		bytes = (struct str){bytes.data + room, bytes.len - room};
		used = (used + room) % sizeof(m->block);
		if (used == 0)
			add_block(m, m->block);
	}
}

static void put_little_endian(unsigned char *to, uint64_t n, int bytes)
{
	for (int i = 0; i < bytes; i++, n >>= 8)
		to[i] = (unsigned char)n;
}

/* After the message come a bit 1 and zeros, up to 8 bytes before the end of a block. The last 8
 * bytes are the size of the message in bits. */
void md5_end(struct md5 *m, unsigned char digest[MD5_SIZE])
{
	static const char padding[64] = {'\x80'};
	size_t used = m->size % sizeof(m->block);
	unsigned char size[8];

	put_little_endian(size, m->size * 8, 8);
	md5_add(m, (struct str){padding, used < 56 ? 56 - used : 120 - used});
	md5_add(m, (struct str){(const char *)size, sizeof(size)});
	for (int i = 0; i < 4; i++)
		put_little_endian(digest + 4 * i, m->state[i], 4);
}
