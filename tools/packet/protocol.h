/*
 * protocol.h - the packets of stage 7's packet server, from the client's side. Written from the
 * description in stages/07-full-server/src/packet/frame.h and not from the code, so that two
 * readings of it meet.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PING, PROBE, ECHO, SAY, BYE };
enum { HEAD = 8, LONGEST = 65535 };

enum news {
	PACKET,   /* a whole one came */
	NOTHING,  /* not within the time */
	ENDED,    /* the server has closed */
	BROKEN,   /* by force */
	NONSENSE, /* what came is no packet */
};

/* One connection; what came of the next packet stays here. */
struct link {
	int fd;
	size_t have;
	unsigned command; /* of the last packet that came, */
	size_t length;    /* and its body */
	char body[LONGEST + 1];
	unsigned char bytes[LONGEST];
};

/* Connected, or false with why not in errno (0: there is no such host). */
bool link_open(struct link *l, const char *host, int port);

/* The packet's length; TO has room for HEAD and the body. */
size_t packet_write(unsigned char *to, unsigned command, const void *body, size_t length);

/* False with errno. */
bool packet_send(struct link *l, unsigned command, const void *body, size_t length);

/* Waits for the next packet for so long; a negative time is for ever. */
enum news packet_wait(struct link *l, double seconds);

uint32_t crc32_of(const unsigned char *bytes, size_t length);
