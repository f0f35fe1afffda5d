/*
 * server.c - complete: connections, lines, timers. A line is a packet:
 *
 *	HELLO MS      a wish for a period: WELCOME number granted
 *	PING N        PONG N comes back
 *	PONG N        the answer to PROBE N
 *	SAY text      all others get SAID number text
 *	NUMBERS       answered here: NUMBERS, timers that were set, timers that came
 *
 * PING, WELCOME, PROBE and SAID are words of the variant. A line for which the socket has no
 *room is lost; a line that is no packet, or too long, ends the connection.
 */
#include "server.h"

#include "variant.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64 };

const struct beat_rules server_rules = {LEAST_MS, MOST_MS, MISSED, PROBE_PERCENT, RATE, BURST};

static struct guest *guests;
static int epoll, listener, guest_count;
static long timers_set, timers_came;
static volatile sig_atomic_t stopping;

static int64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* ---- what guests.c calls ----------------------------------------------------------------- */

void guest_timer_at(struct guest *g, int64_t at)
{
	g->timer = at;
	timers_set++;
}

static void say(struct guest *g, const char *format, va_list args)
{
	char line[1024];
	int n = vsnprintf(line, sizeof line - 1, format, args);

	if (n > (int)sizeof line - 2)
		n = sizeof line - 2;
	line[n++] = '\n';
	if (!g->dropped && send(g->fd, line, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
	    errno != EAGAIN && errno != EPIPE && errno != ECONNRESET)
		perror("send");
}

void guest_say(struct guest *g, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(g, format, args);
	va_end(args);
}

void guests_say(const struct guest *but, const char *format, ...)
{
	for (struct guest *g = guests; g; g = g->next) {
		va_list args;

		va_start(args, format);
		if (g != but)
			say(g, format, args);
		va_end(args);
	}
}

void guest_drop(struct guest *g, const char *why)
{
	if (g->dropped)
		return;
	g->dropped = true;
	epoll_ctl(epoll, EPOLL_CTL_DEL, g->fd, NULL);
	close(g->fd);
	guests_say(g, "GONE %d %s", g->number, why);
}

/* ---- packets ----------------------------------------------------------------------------- */

static void packet(struct guest *g, char *line)
{
	static const char *const words[] = {
	    [PACKET_HELLO] = "HELLO",
	    [PACKET_PING] = PING,
	    [PACKET_PONG] = "PONG",
	    [PACKET_SAY] = "SAY",
	};
	char *text = line + strcspn(line, " ");

	if (*text)
		*text++ = '\0';
	if (strcmp(line, "NUMBERS") == 0) {
		guest_say(g, "NUMBERS %ld %ld", timers_set, timers_came);
		return;
	}
	for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(line, words[i]) == 0) {
			guest_packet(g, clock_ms(), (enum packet)i, strtoull(text, NULL, 10),
				     text);
			return;
		}
	guest_drop(g, "error");
}

static bool lines(struct guest *g)
{
	char *line = g->line, *end;
	bool any = false;

	while (!g->dropped &&
	       (end = memchr(line, '\n', g->length - (size_t)(line - g->line)))) {
		*end = '\0';
		if (end > line && end[-1] == '\r')
			end[-1] = '\0';
		packet(g, line);
		line = end + 1;
		any = true;
	}
	g->length -= (unsigned)(line - g->line);
	memmove(g->line, line, g->length);
	return any;
}

bool guest_read(struct guest *g)
{
	bool any = false;

	while (!g->dropped) {
		ssize_t n =
		    recv(g->fd, g->line + g->length, sizeof g->line - g->length, MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0) {
			guest_drop(g, "left");
			break;
		}
		g->length += (unsigned)n;
		any = lines(g) || any;
		if (g->length == sizeof g->line)
			guest_drop(g, "error");
	}
	return any && !g->dropped;
}

/* ---- turns ------------------------------------------------------------------------------- */

static void accept_one(void)
{
	struct epoll_event event = {.events = EPOLLIN};
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	struct guest *g;

	if (fd < 0)
		return;
	g = calloc(1, sizeof *g);
	event.data.ptr = g;
	if (!g || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
		close(fd);
		free(g);
		return;
	}
	g->fd = fd;
	g->number = ++guest_count;
	g->next = guests;
	guests = g;
	guest_came(g, clock_ms());
}

static int time_to_wait(void)
{
	int64_t first = INT64_MAX, now = clock_ms();

	for (struct guest *g = guests; g; g = g->next)
		if (g->timer && g->timer < first)
			first = g->timer;
	if (first == INT64_MAX)
		return -1;
	return first < now ? 0 : first - now < 60000 ? (int)(first - now) : 60000;
}

static void timers(void)
{
	int64_t now = clock_ms();

	for (struct guest *g = guests; g; g = g->next) {
		int64_t due = g->timer;

		if (!due || due > now || g->dropped)
			continue;
		g->timer = 0;
		timers_came++;
		guest_timer(g, due, now);
	}
}

static void free_dropped(void)
{
	for (struct guest **at = &guests; *at;) {
		struct guest *g = *at;

		if (g->dropped) {
			*at = g->next;
			free(g);
		} else {
			at = &g->next;
		}
	}
}

static void turn(void)
{
	struct epoll_event batch[BATCH];
	sigset_t none;
	int n;

	sigemptyset(&none);
	n = epoll_pwait(epoll, batch, BATCH, time_to_wait(), &none);
	timers();
	for (int i = 0; i < n; i++)
		if (batch[i].data.ptr)
			guest_read(batch[i].data.ptr);
		else
			accept_one();
	free_dropped();
}

/* ---- the beginning and the end ----------------------------------------------------------- */

static void on_signal(int signo)
{
	(void)signo;
	stopping = 1;
}

static int start_listening(int port)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t size = sizeof address;
	int on = 1;

	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(listener, (struct sockaddr *)&address, size) < 0 ||
	    listen(listener, SOMAXCONN) < 0)
		return -1;
	getsockname(listener, (struct sockaddr *)&address, &size);
	printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
	fflush(stdout);
	return 0;
}

int server_run(int port)
{
	struct epoll_event event = {.events = EPOLLIN};
	struct sigaction stop = {.sa_handler = on_signal};
	sigset_t both;

	sigemptyset(&both);
	sigaddset(&both, SIGTERM);
	sigaddset(&both, SIGINT);
	sigprocmask(SIG_BLOCK, &both, NULL); /* but for the wait in turn */
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (start_listening(port) < 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) < 0) {
		perror("listen");
		return 1;
	}
	while (!stopping)
		turn();
	for (struct guest *g = guests; g; g = g->next)
		guest_drop(g, "end");
	free_dropped();
	close(epoll);
	close(listener);
	return 0;
}
