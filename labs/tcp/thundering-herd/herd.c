/*
 * herd: eight processes wait for connections on one port. How many wake up for each?
 *
 *	herd WAY [CONNECTIONS]		one line: WAY CONNECTIONS WAKEUPS MOST LEAST
 *
 * MOST and LEAST are how many connections the busiest and the idlest process got. The
 * connections come one at a time. A process that wakes up waits 10 ms before it accepts, as
 * a busy machine would make it wait: without that the first one has accepted before the
 * others are awake, they go back to sleep inside the kernel, and the herd cannot be seen
 * from here (only in the count of context switches).
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORKERS = 8, BEFORE_ACCEPT_MS = 10 };

/* What the processes count, in memory they share. */
static struct counts {
	atomic_int ready;   /* workers that have begun */
	atomic_int wakeups; /* returns of the waiting call */
	atomic_int busy;    /* workers between waking up and waiting again */
	atomic_int accepted[WORKERS];
} * counts;

static void die(const char *what)
{
	fprintf(stderr, "herd: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void pause_ms(int ms)
{
	struct timespec t = {0, ms * 1000000L};

	nanosleep(&t, NULL);
}

/* ---- the ways to wait: each returns when it is told that there is a connection ------------
 */

static int epoll_create_with(int listener, unsigned events)
{
	struct epoll_event e = {.events = events};
	int ep = epoll_create1(0);

	if (ep < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e) < 0)
		die("epoll");
	return ep;
}

static void wait_epoll(int listener, int ep)
{
	struct epoll_event e;

	(void)listener;
	while (epoll_wait(ep, &e, 1, -1) < 1)
		continue;
}

static void wait_select(int listener, int unused)
{
	fd_set set;

	(void)unused;
	FD_ZERO(&set);
	FD_SET(listener, &set);
	select(listener + 1, &set, NULL, NULL, NULL);
}

static void wait_poll(int listener, int unused)
{
	struct pollfd p = {.fd = listener, .events = POLLIN};

	(void)unused;
	poll(&p, 1, -1);
}

static const struct way {
	const char *name;
	void (*wait)(int listener, int ep); /* NULL: accept() itself waits */
	unsigned events;                    /* for epoll */
	bool shared;                        /* one epoll descriptor, made before fork() */
	bool own_listener;                  /* SO_REUSEPORT: a listening socket for each */
} ways[] = {
    {"accept", NULL, 0, false, false},
    {"select", wait_select, 0, false, false},
    {"poll", wait_poll, 0, false, false},
    {"epoll", wait_epoll, EPOLLIN, false, false},
    {"epoll-edge", wait_epoll, EPOLLIN | EPOLLET, false, false},
    {"epoll-shared", wait_epoll, EPOLLIN, true, false},
    {"epoll-shared-edge", wait_epoll, EPOLLIN | EPOLLET, true, false},
    {"epoll-exclusive", wait_epoll, EPOLLIN | EPOLLEXCLUSIVE, false, false},
    {"reuseport", wait_epoll, EPOLLIN, false, true},
};
enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

/* ---- the workers --------------------------------------------------------------------------
 */

static int listen_on(struct sockaddr_in *a, const struct way *way)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	socklen_t len = sizeof(*a);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)a, sizeof(*a)) < 0 || listen(fd, SOMAXCONN) < 0 ||
	    getsockname(fd, (struct sockaddr *)a, &len) < 0)
		die("listen");
	/* Who was woken for nothing must not sleep in accept(). */
	if (way->wait && fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		die("O_NONBLOCK");
	return fd;
}

static void accept_one(int listener, int me)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		return;
	atomic_fetch_add(&counts->accepted[me], 1);
	close(fd);
}

static void work(int listener, int shared_ep, const struct way *way, int me)
{
	int ep = shared_ep;

	if (way->events && !way->shared)
		ep = epoll_create_with(listener, way->events);
	atomic_fetch_add(&counts->ready, 1);
	for (;;) {
		if (!way->wait) { /* accept() wakes up with the connection in its hand */
			accept_one(listener, me);
			atomic_fetch_add(&counts->wakeups, 1);
			continue;
		}
		way->wait(listener, ep);
		atomic_fetch_add(&counts->busy, 1);
		atomic_fetch_add(&counts->wakeups, 1);
		pause_ms(BEFORE_ACCEPT_MS);
		accept_one(listener, me);
		atomic_fetch_sub(&counts->busy, 1);
	}
}

/* ---- the clients, and the count -----------------------------------------------------------
 */

static int accepted(void)
{
	int n = 0;

	for (int i = 0; i < WORKERS; i++)
		n += atomic_load(&counts->accepted[i]);
	return n;
}

static void connect_once(const struct sockaddr_in *a, int so_far)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), tries = 0;

	if (fd < 0 || connect(fd, (const struct sockaddr *)a, sizeof(*a)) < 0)
		die("connect");
	while (accepted() <= so_far || atomic_load(&counts->busy) > 0) {
		if (tries++ > 5000) {
			errno = ETIMEDOUT;
			die("no process accepts");
		}
		pause_ms(1);
	}
	pause_ms(1); /* those that are done go back to sleep */
	close(fd);
}

static void start_workers(const struct way *way, struct sockaddr_in *a, pid_t *kids)
{
	int listener[WORKERS], ep = -1;
	pid_t parent = getpid();

	for (int i = 0; i < WORKERS; i++)
		listener[i] = i == 0 || way->own_listener ? listen_on(a, way) : listener[0];
	if (way->shared)
		ep = epoll_create_with(listener[0], way->events);
	for (int i = 0; i < WORKERS; i++) {
		kids[i] = fork();
		if (kids[i] < 0)
			die("fork");
		if (kids[i] > 0)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			work(listener[i], ep, way, i);
		_exit(1);
	}
	while (atomic_load(&counts->ready) < WORKERS)
		pause_ms(1);
	pause_ms(5); /* the last of them has still to enter its wait */
}

static void herd(const struct way *way, int connections)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int most = 0, least = connections;
	pid_t kids[WORKERS];

	start_workers(way, &a, kids);
	for (int i = 0; i < connections; i++)
		connect_once(&a, i);
	for (int i = 0; i < WORKERS; i++) {
		int n = atomic_load(&counts->accepted[i]);

		most = n > most ? n : most;
		least = n < least ? n : least;
		kill(kids[i], SIGKILL);
		waitpid(kids[i], NULL, 0);
	}
	printf("%s %d %d %d %d\n", way->name, connections, atomic_load(&counts->wakeups), most,
	       least);
}

static int usage(FILE *out)
{
	fputs(
	    "usage: herd WAY [CONNECTIONS]\nprints: WAY CONNECTIONS WAKEUPS MOST LEAST\nways:",
	    out);
	for (int i = 0; i < WAYS; i++)
		fprintf(out, " %s", ways[i].name);
	fputc('\n', out);
	return out == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
	int connections = argc > 2 ? atoi(argv[2]) : 24;

	if (argc < 2 || argc > 3 || connections < 1)
		return usage(stderr);
	if (strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	assert(counts != MAP_FAILED);
	for (int i = 0; i < WAYS; i++)
		if (strcmp(ways[i].name, argv[1]) == 0) {
			herd(&ways[i], connections);
			return 0;
		}
	fprintf(stderr, "herd: %s is no way that is known here\n", argv[1]);
	return usage(stderr);
}
