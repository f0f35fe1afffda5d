#include "protocol.h"

#include "../client/client.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool link_open(struct link *l, const char *host, int port)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
	char service[16];
	int on = 1;

	snprintf(service, sizeof service, "%d", port);
	errno = 0;
	if (getaddrinfo(host, service, &hints, &found) != 0)
		return false;
	l->have = 0;
	l->fd = socket(found->ai_family, SOCK_STREAM, 0);
	if (l->fd >= 0 && connect(l->fd, found->ai_addr, found->ai_addrlen) < 0) {
		int why = errno;

		close(l->fd);
		l->fd = -1;
		errno = why;
	}
	freeaddrinfo(found);
	if (l->fd < 0)
		return false;
	setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return true;
}

/* One bit at a time: slow, and plain. */
uint32_t crc32_of(const unsigned char *bytes, size_t length)
{
	uint32_t sum = 0xffffffff;

	for (size_t i = 0; i < length; i++) {
		sum ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
	}
	return ~sum;
}

static unsigned char *put(unsigned char *to, uint32_t number, int bytes)
{
	while (bytes-- > 0)
		*to++ = (unsigned char)(number >> 8 * bytes);
	return to;
}

static uint32_t get(const unsigned char *from, int bytes)
{
	uint32_t number = 0;

	while (bytes-- > 0)
		number = number << 8 | *from++;
	return number;
}

size_t packet_write(unsigned char *to, unsigned command, const void *body, size_t length)
{
	unsigned char *at = put(to, (uint32_t)(HEAD + length), 2);

	at = put(at, command, 2);
	at = put(at, crc32_of(body, length), 4);
	if (length > 0)
		memcpy(at, body, length);
	return HEAD + length;
}

bool packet_send(struct link *l, unsigned command, const void *body, size_t length)
{
	unsigned char packet[LONGEST];

	if (length > sizeof packet - HEAD) {
		errno = EMSGSIZE;
		return false;
	}
	length = packet_write(packet, command, body, length);
	return client_send(l->fd, (const char *)packet, length);
}

/* The packet at the front of what we have, if it is whole. */
static enum news take(struct link *l)
{
	size_t whole = l->have >= HEAD ? get(l->bytes, 2) : 0;

	if (l->have < HEAD || (whole >= HEAD && l->have < whole))
		return NOTHING;
	if (whole < HEAD)
		return NONSENSE;
	l->command = get(l->bytes + 2, 2);
	l->length = whole - HEAD;
	if (crc32_of(l->bytes + HEAD, l->length) != get(l->bytes + 4, 4))
		return NONSENSE;
	memcpy(l->body, l->bytes + HEAD, l->length);
	l->body[l->length] = '\0';
	l->have -= whole;
	memmove(l->bytes, l->bytes + whole, l->have);
	return PACKET;
}

static enum news more(struct link *l, int ms)
{
	struct pollfd readable = {.fd = l->fd, .events = POLLIN};
	ssize_t n;

	if (poll(&readable, 1, ms) <= 0)
		return NOTHING;
	n = recv(l->fd, l->bytes + l->have, sizeof l->bytes - l->have, 0);
	if (n <= 0)
		return n == 0 ? ENDED : BROKEN;
	l->have += (size_t)n;
	return PACKET;
}

enum news packet_wait(struct link *l, double seconds)
{
	double until = client_now() + seconds;

	for (;;) {
		enum news news = take(l);
		double left = until - client_now();

		if (news != NOTHING || (seconds >= 0 && left <= 0))
			return news;
		news = more(l, seconds < 0 ? -1 : (int)(left * 1000) + 1);
		if (news == ENDED || news == BROKEN)
			return news;
	}
}
