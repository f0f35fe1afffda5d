/*
 * hold [-s TEXT [-r BYTES] | -k PATH] [-p PATH] [-t SECONDS] [-n PROCESSES] [-a] PORT COUNT
 *
 * Opens COUNT connections to 127.0.0.1:PORT and keeps them, idle, until its stdin ends or a
 * SIGTERM comes. One line when they stand:
 *
 *   1500 stand
 *   980 of 1500 stand: this process may have 1000 descriptors (ulimit -Hn)
 *
 * and for every line that it reads, and at its end, how many the server has closed meanwhile:
 *
 *   1020 open, 480 closed by the server
 *
 *   -s TEXT   sends these bytes on each and never reads what comes back: "GET /big
 *             HTTP/1.0\r\n\r\n" makes slow readers
 *   -r BYTES  each reads so many a second: slow readers that do get on
 *   -k PATH   each makes one request and keeps its connection for the next, as browsers do
 *   -p PATH   a GET of PATH after every 1,000, and a wait for its answer: clients that come
 *             faster than they are accepted would overflow the listening socket's queue
 *   -t SECS   how long the server may take to accept or to answer (10)
 *   -n COUNT  so many processes share them (1): each may have descriptors of its own
 *   -a        ends them abruptly, with a RST: tens of thousands that end in order would leave
 *             as many behind in TIME_WAIT, and a kernel has a place for so many only
 *
 * Exits 1 when not all of them could be opened.
 */
#include "../client/client.h"
#include "share.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char usage[] =
    "usage: hold [-s TEXT [-r BYTES] | -k PATH] [-p PATH] [-t SECONDS] [-n PROCESSES] [-a]\n"
    "            PORT COUNT\n"
    "  opens COUNT connections to PORT and keeps them until its stdin ends\n"
    "  -s TEXT  send this first     -k PATH  one keep-alive request first\n"
    "  -r BYTES read so many a second\n"
    "  -p PATH  a GET after every 1,000 and a wait for its answer\n"
    "  -t SECS  how long the server may take (10)\n"
    "  -n COUNT so many processes share them (1)   -a  end them abruptly\n";

/*
 * connect looks for a port among every second one first, some 14,000, and for those who come
 * when they are all taken it looks at each of them again: so an address gives no more than it
 * has at hand.
 */
enum { SPARE = 16, PER_SOURCE = 10000, PACE = 1000, SIPS = 20 };

static struct {
	int port;
	double seconds;
	char *first, *keep, *pace;
	size_t first_length;
	long rate, processes;
	bool abrupt;
} want = {.seconds = 10, .processes = 1};

static unsigned number; /* of this process, from 0: no two come from the same addresses */

static struct pollfd *held; /* of each we only want to know whether it has been closed */
static long count;
static volatile sig_atomic_t ended;

static void on_term(int signo)
{
	(void)signo;
	ended = 1; /* and a call that waits is interrupted */
}

/* 127.0.0.1 for the first, then 127.0.1.1, 127.0.2.1...: all of them are this machine. */
static int connect_next(void)
{
	unsigned net = (unsigned)(count / PER_SOURCE * want.processes) + number;
	int fd;

	do {
		unsigned source = net ? 0x7f000001u | net << 8 : 0;

		fd = client_connect(want.port, want.seconds, source);
	} while (fd < 0 && errno == EADDRNOTAVAIL && ++net < 255);
	return fd;
}

/* A GET on FD; true when it was answered. */
static bool request(int fd, const char *path, const char *version)
{
	static struct reader r;
	char text[1024];
	int n =
	    snprintf(text, sizeof text, "GET %s HTTP/%s\r\nHost: hold\r\n\r\n", path, version);

	r.fd = fd;
	r.have = 0;
	if (!client_send(fd, text, (size_t)n))
		return false;
	return client_read(&r, false).outcome == ANSWERED;
}

static bool pace(void)
{
	int fd = client_connect(want.port, want.seconds, 0);
	bool answered = fd >= 0 && request(fd, want.pace, "1.0");

	if (fd >= 0)
		close(fd);
	return answered;
}

/* Why there are no more, or NULL. */
static const char *open_one(void)
{
	static const struct linger at_once = {.l_onoff = 1};
	int fd = connect_next();

	if (fd < 0 && errno == ETIMEDOUT)
		return "the server does not accept them, and its queue is full";
	if (fd < 0)
		return strerror(errno);
	if (want.abrupt)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	held[count++] = (struct pollfd){.fd = fd, .events = POLLRDHUP};
	if (want.first)
		client_send(fd, want.first,
			    want.first_length); /* if not: it counts as closed */
	if (want.keep && !request(fd, want.keep, "1.1"))
		return "a request was not answered";
	if (want.pace && count % PACE == 0 && !pace())
		return "the server no longer answers";
	return NULL;
}

static void report(void)
{
	long closed = 0;

	while (poll(held, (nfds_t)count, 0) < 0 && errno == EINTR)
		continue;
	for (long i = 0; i < count; i++)
		closed += held[i].revents != 0;
	printf("%ld open, %ld closed by the server\n", count - closed, closed);
	fflush(stdout);
}

/* What each reads of its answer in a twentieth of a second. */
static void sip(void)
{
	static char bytes[65536];

	for (long i = 0; i < count; i++) {
		long left = want.rate / SIPS;
		ssize_t n = 1;

		while (left > 0 && n > 0) {
			size_t share = left < (long)sizeof bytes ? (size_t)left : sizeof bytes;

			n = recv(held[i].fd, bytes, share, MSG_DONTWAIT);
			left -= n;
		}
	}
}

/* True when there is a line to read, or the end. */
static bool wait_for_line(void)
{
	struct pollfd line = {.fd = STDIN_FILENO, .events = POLLIN};

	if (!want.rate)
		return true; /* read waits */
	while (poll(&line, 1, 1000 / SIPS) == 0)
		sip();
	return line.revents != 0;
}

static void read_words(int argc, char **argv, long *wanted)
{
	int option;

	while ((option = getopt(argc, argv, "s:r:k:p:t:n:a")) != -1)
		switch (option) {
		case 's':
			want.first = optarg;
			want.first_length = client_unescape(optarg);
			break;
		case 'r':
			want.rate = client_number(optarg, SIPS, usage);
			break;
		case 'k':
			want.keep = optarg;
			break;
		case 'p':
			want.pace = optarg;
			break;
		case 't':
			want.seconds = (double)client_number(optarg, 1, usage);
			break;
		case 'n':
			want.processes = client_number(optarg, 1, usage);
			break;
		case 'a':
			want.abrupt = true;
			break;
		default:
			fputs(usage, stderr);
			exit(2);
		}
	want.port = (int)client_number(argc == optind + 2 ? argv[optind] : NULL, 1, usage);
	*wanted = client_number(argv[optind + 1], 1, usage);
}

/* Opens so many; why there are fewer, or NULL. */
static const char *open_all(long wanted, long limit)
{
	static char because[96];
	const char *why = NULL;

	while (!why && !ended && count < wanted) {
		if (count + SPARE <= limit) {
			why = open_one();
			continue;
		}
		snprintf(because, sizeof because,
			 "this process may have %ld descriptors (ulimit -Hn)", limit);
		why = because;
	}
	return !why && count < wanted ? "it was told to end" : why;
}

int main(int argc, char **argv)
{
	struct sigaction end = {.sa_handler = on_term};
	long wanted, limit = client_raise_limit();
	const char *why;
	char line[256];

	read_words(argc, argv, &wanted);
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGINT, &end, NULL);
	if (want.processes > 1)
		number = (unsigned)share_out(want.processes, &wanted);
	held = malloc((size_t)wanted * sizeof *held);
	if (!held) {
		fprintf(stderr, "hold: no memory for %ld connections\n", wanted);
		return 1;
	}

	why = open_all(wanted, limit);
	if (why)
		printf("%ld of %ld stand: %s\n", count, wanted, why);
	else
		printf("%ld stand\n", count);
	fflush(stdout);

	while (!ended && wait_for_line() && read(STDIN_FILENO, line, sizeof line) > 0)
		report();
	report();
	return why != NULL;
}
