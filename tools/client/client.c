#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

double client_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int client_connect(int port, double seconds, unsigned source)
{
	struct timeval limit = {(time_t)seconds,
				(suseconds_t)((seconds - (time_t)seconds) * 1e6)};
	struct sockaddr_in to = {
	    .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(source)};
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	/* SO_SNDTIMEO limits connect as well */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	/* The port is to be chosen by connect, which knows the other end: bind alone would
	 * have to find one that is free for every destination. */
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
	if ((!source || bind(fd, (struct sockaddr *)&from, sizeof from) == 0) &&
	    connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	on = errno == EINPROGRESS ? ETIMEDOUT : errno;
	close(fd);
	errno = on;
	return -1;
}

bool client_send(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes += n;
		length -= (size_t)n;
	}
	return true;
}

/* More bytes for R; the outcome when there are none. */
static bool more(struct reader *r, struct answer *a)
{
	ssize_t n = recv(r->fd, r->bytes + r->have, sizeof r->bytes - 1 - r->have, 0);

	if (n < 0 && errno == EINTR)
		return more(r, a);
	if (n > 0) {
		r->have += (size_t)n;
		r->bytes[r->have] = '\0';
		return true;
	}
	if (n < 0)
		a->outcome = errno == EAGAIN ? LATE : RESET;
	else
		a->outcome = a->status ? CUT : CLOSED;
	return false;
}

static void drop(struct reader *r, size_t n)
{
	r->have -= n;
	memmove(r->bytes, r->bytes + n, r->have + 1);
}

/* The value of a header, or NULL; HEAD ends with a NUL and its names with a colon. */
static const char *header(const char *head, const char *name)
{
	const char *at = strcasestr(head, name);

	while (at && at[-1] != '\n')
		at = strcasestr(at + 1, name);
	return at ? at + strlen(name) + strspn(at + strlen(name), " \t") : NULL;
}

static long parse_head(char *head, struct answer *a)
{
	const char *length, *connection;
	int minor = 0;

	if (sscanf(head, "HTTP/1.%d %d %31[^\r\n]", &minor, &a->status, a->reason) < 2)
		return -1;
	length = header(head, "Content-Length:");
	connection = header(head, "Connection:");
	a->closes = connection ? strncasecmp(connection, "close", 5) == 0 : minor == 0;
	return length ? atol(length) : -1;
}

/* The body begins with these N bytes. */
static void keep_text(struct answer *a, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n && i < sizeof a->text - 1 && bytes[i] >= ' '; i++)
		a->text[i] = bytes[i];
}

struct answer client_read(struct reader *r, bool head_only)
{
	struct answer a = {0};
	double began = client_now();
	long promised;
	char *end;

	r->bytes[r->have] = '\0';
	while (!(end = strstr(r->bytes, "\r\n\r\n")))
		if (r->have == sizeof r->bytes - 1 || !more(r, &a))
			return a;
	end[2] = '\0';
	promised = parse_head(r->bytes, &a);
	drop(r, (size_t)(end + 4 - r->bytes));
	if (head_only || a.status == 304 || a.status == 204)
		promised = 0;
	for (;;) {
		size_t take = r->have;

		if (promised >= 0 && (long)take > promised - a.length)
			take = (size_t)(promised - a.length);
		if (a.length == 0)
			keep_text(&a, r->bytes, take);
		a.length += (long)take;
		drop(r, take);
		if (a.length == promised || !more(r, &a))
			break;
	}
	/* without a length, the end of the connection is the end of the answer */
	if (a.length == promised || (promised < 0 && a.outcome == CUT))
		a.outcome = ANSWERED;
	a.ms = (client_now() - began) * 1e3;
	return a;
}

const char *client_words(const struct answer *a)
{
	static char text[128];

	switch (a->outcome) {
	case ANSWERED:
		snprintf(text, sizeof text, "%d %s, %ld bytes in %.1f ms", a->status, a->reason,
			 a->length, a->ms);
		return text;
	case CUT:
		snprintf(text, sizeof text, "%d %s, cut off after %ld bytes", a->status,
			 a->reason, a->length);
		return text;
	case CLOSED:
		return "closed without an answer";
	case RESET:
		return "reset: the connection was ended by force";
	case LATE:
		return "no answer";
	default:
		return "refused: no process listens on this port";
	}
}

size_t client_unescape(char *text)
{
	static const char names[] = "rnt0\\", bytes[] = "\r\n\t\0\\";
	char *to = text, *from = text;

	while (*from) {
		const char *at = *from == '\\' && from[1] ? strchr(names, from[1]) : NULL;

		*to++ = at ? bytes[at - names] : *from;
		from += at ? 2 : 1;
	}
	*to = '\0';
	return (size_t)(to - text);
}

long client_number(const char *text, long least, const char *usage)
{
	char *end = NULL;
	long number = text ? strtol(text, &end, 10) : 0;

	if (!text || end == text || *end || number < least) {
		fputs(usage, stderr);
		exit(2);
	}
	return number;
}

long client_raise_limit(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	return (long)limit.rlim_cur;
}
