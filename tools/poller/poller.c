/*
 * poller - what epoll reports about one socket, step by step.
 *
 *   poller MODE STEP...
 *
 * MODE is level, edge or once (EPOLLONESHOT). Two sockets are connected, both empty. Ours is in an
 * epoll, for reading at first. A step, and a line of output for each `wait`:
 *
 *   wait           epoll_wait that does not wait: "nothing", or "in", "out", "in out hup" ...
 *   send:N         the other side sends N bytes
 *   read:N         we read at most N bytes
 *   fill           we send until there is no room (EAGAIN)
 *   drain          the other side reads all that it has
 *   in, out, both  EPOLL_CTL_MOD with this wish
 *   dup            our socket gets one more descriptor
 *   close          we close the descriptor that epoll was given
 *   leave          the other side closes
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char usage[] = "usage: poller level|edge|once STEP...\n"
			    "  steps: wait send:N read:N fill drain in out both dup close leave\n";

static int poller, ours, theirs;
static uint32_t mode;

static void check(int result, const char *call)
{
	if (result >= 0)
		return;
	fprintf(stderr, "poller: %s: %s\n", call, strerror(errno));
	exit(1);
}

static void wish(int operation, uint32_t mask)
{
	struct epoll_event e = {.events = mask | mode};

	check(epoll_ctl(poller, operation, ours, &e), "epoll_ctl");
}

static void print_event(void)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} names[] = {{EPOLLIN, "in"}, {EPOLLOUT, "out"}, {EPOLLERR, "err"}, {EPOLLHUP, "hup"}};
	struct epoll_event e;
	const char *gap = "";
	int n = epoll_wait(poller, &e, 1, 0);

	check(n, "epoll_wait");
	if (n == 0)
		fputs("nothing", stdout);
	for (size_t i = 0; n > 0 && i < sizeof names / sizeof *names; i++)
		if (e.events & names[i].bit) {
			printf("%s%s", gap, names[i].name);
			gap = " ";
		}
	putchar('\n');
}

/* Sends or reads until COUNT bytes have moved, or until the call would have to wait. */
static void move(int fd, bool out, long count)
{
	static char bytes[4096];
	ssize_t n = 1;

	for (; count > 0 && n > 0; count -= n) {
		size_t most = count < (long)sizeof bytes ? (size_t)count : sizeof bytes;

		n = out ? send(fd, bytes, most, MSG_NOSIGNAL) : recv(fd, bytes, most, 0);
		if (n < 0 && errno != EAGAIN)
			check(-1, out ? "send" : "recv");
	}
}

static bool do_step(const char *step)
{
	const char *colon = strchr(step, ':');
	long count = colon ? atol(colon + 1) : 0;

	if (strcmp(step, "wait") == 0)
		print_event();
	else if (strncmp(step, "send:", 5) == 0)
		move(theirs, true, count);
	else if (strncmp(step, "read:", 5) == 0)
		move(ours, false, count);
	else if (strcmp(step, "fill") == 0)
		move(ours, true, 1L << 30);
	else if (strcmp(step, "drain") == 0)
		move(theirs, false, 1L << 30);
	else if (strcmp(step, "in") == 0)
		wish(EPOLL_CTL_MOD, EPOLLIN);
	else if (strcmp(step, "out") == 0)
		wish(EPOLL_CTL_MOD, EPOLLOUT);
	else if (strcmp(step, "both") == 0)
		wish(EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
	else if (strcmp(step, "dup") == 0)
		check(dup(ours), "dup");
	else if (strcmp(step, "close") == 0)
		close(ours);
	else if (strcmp(step, "leave") == 0)
		close(theirs);
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	int pair[2];

	if (argc < 3)
		goto wrong;
	if (strcmp(argv[1], "edge") == 0)
		mode = EPOLLET;
	else if (strcmp(argv[1], "once") == 0)
		mode = EPOLLONESHOT;
	else if (strcmp(argv[1], "level") != 0)
		goto wrong;
	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), "socketpair");
	ours = pair[0];
	theirs = pair[1];
	poller = epoll_create1(0);
	check(poller, "epoll_create1");
	wish(EPOLL_CTL_ADD, EPOLLIN);
	for (int i = 2; i < argc; i++)
		if (!do_step(argv[i]))
			goto wrong;
	return 0;
wrong:
	fputs(usage, stderr);
	return 2;
}
