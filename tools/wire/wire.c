/*
 * wire - a client that says exactly what it is told to, and what it got.
 *
 *   wire get  [-t SECONDS] PORT [PATH]
 *   wire load [-t SECONDS] [-c CLIENTS] [-d MILLISECONDS] [-k] PORT COUNT [PATH]
 *   wire talk [-t SECONDS] [-d MILLISECONDS] PORT STEP...
 *
 * get   one request and its answer in a line; exit 1 when there is none
 * load  COUNT requests, a connection for each, by CLIENTS (1) at a time; exit 1 if one failed.
 *       With -k they keep their connections, until the server says that it closes.
 *       COUNT 0: until stdin ends, with a pause (-d, 10 ms) after each answer. It says
 *       "under way" when all have an answer; each asks once more at the end, and how
 *       many answers had how many bytes is said too.
 * talk  on one connection, a line of output a step:
 *
 *         send:TEXT    "\r\n" may be written so
 *         drip:TEXT    a byte at a time, with a pause (-d, 10 ms) before each
 *         fill:BYTES   so many bytes "x", as a body
 *         turn         waits for a line on stdin
 *         read         one answer
 *         text         one answer, and its first line
 *         end          waits for the server to close
 *         reset        leaves at once, by force (RST)
 *
 * Every wait ends after SECONDS (5).
 */
#include "../client/client.h"

#include <errno.h>
#include <getopt.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "usage: wire get  [-t SECONDS] PORT [PATH]\n"
    "       wire load [-t SECONDS] [-c CLIENTS] [-d MILLISECONDS] [-k] PORT COUNT [PATH]\n"
    "       wire talk [-t SECONDS] [-d MILLISECONDS] PORT STEP...\n"
    "  steps: send:TEXT drip:TEXT fill:BYTES turn read text end reset\n";

static double seconds = 5;
static long clients = 1, pause_ms = 10;
static bool keep;
static struct reader reader = {.fd = -1};

static void rest(void)
{
	struct timespec pause = {pause_ms / 1000, pause_ms % 1000 * 1000000};

	nanosleep(&pause, NULL);
}

static const char *in_time(enum outcome outcome)
{
	static char text[32];

	snprintf(text, sizeof text, " within %g s", seconds);
	return outcome == LATE ? text : "";
}

/* The server has closed a connection that was only kept: no request is lost by that. */
static bool is_closed(void)
{
	char byte;

	return recv(reader.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static void hang_up(void)
{
	close(reader.fd);
	reader.fd = -1;
}

static struct answer get(int port, const char *path)
{
	struct answer a = {.outcome = REFUSED};
	double began = client_now();
	char text[1024];
	int n = snprintf(text, sizeof text, "GET %s HTTP/1.%d\r\nHost: 127.0.0.1\r\n\r\n", path,
			 keep);

	if (reader.fd >= 0 && is_closed())
		hang_up();
	if (reader.fd < 0) {
		reader.fd = client_connect(port, seconds, 0);
		reader.have = 0;
	}
	if (reader.fd < 0) {
		if (errno != ECONNREFUSED)
			a.outcome = LATE;
		return a;
	}
	client_send(reader.fd, text, (size_t)n); /* if not: reading says why */
	a = client_read(&reader, false);
	a.ms = (client_now() - began) * 1e3;
	if (!keep || a.closes || a.outcome != ANSWERED)
		hang_up();
	return a;
}

static int run_get(int port, char **words)
{
	struct answer a = get(port, words[0] ? words[0] : "/");

	printf("%s%s\n", client_words(&a), in_time(a.outcome));
	return a.outcome != ANSWERED;
}

enum { SIZES = 4 };

/* What all clients of a load without a count share. */
static struct shared {
	atomic_bool enough;
	atomic_long answered; /* clients that have had an answer */
	struct {
		atomic_long bytes, count; /* BYTES is one more than it is; 0: not in use */
	} sizes[SIZES];
} *shared;

/* Which of the answers was it, the old one or the new? */
static void note_size(long bytes)
{
	for (int i = 0; i < SIZES; i++) {
		long unused = 0;

		if (atomic_compare_exchange_strong(&shared->sizes[i].bytes, &unused,
						   bytes + 1) ||
		    unused == bytes + 1) {
			shared->sizes[i].count++;
			return;
		}
	}
}

/* One client's part of the load: 0, or 1 when one of its requests failed. */
static int load_part(int port, long count, const char *path)
{
	bool endless = shared != NULL, last = false;

	for (long i = 0; endless ? !last : i < count; i++) {
		struct answer a;

		last = endless && shared->enough; /* and this one is asked after that */
		a = get(port, path);
		if (a.outcome != ANSWERED || a.status != 200) {
			printf("failed: %s%s\n", client_words(&a), in_time(a.outcome));
			fflush(stdout);
			return 1;
		}
		if (!endless)
			continue;
		note_size(a.length);
		if (i == 0 && ++shared->answered == clients) {
			puts("under way");
			fflush(stdout);
		}
		rest();
	}
	return 0;
}

static void wait_for_stdin(void)
{
	char bytes[64];

	while (read(STDIN_FILENO, bytes, sizeof bytes) > 0)
		;
	shared->enough = true;
}

static void print_sizes(double took)
{
	long total = 0;

	for (int i = 0; i < SIZES; i++)
		total += shared->sizes[i].count;
	printf("%ld requests answered in %.2f s:", total, took);
	for (int i = 0; i < SIZES && shared->sizes[i].count; i++)
		printf("%s %ld of %ld bytes", i ? "," : "", (long)shared->sizes[i].count,
		       (long)shared->sizes[i].bytes - 1);
	putchar('\n');
}

static int run_load(int port, char **words)
{
	long count = client_number(words[0], 0, usage);
	const char *path = words[1] ? words[1] : "/";
	double began = client_now();
	int status, failed = 0;

	if (count == 0)
		shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		perror("wire: mmap");
		return 1;
	}
	for (long i = 0; i < clients; i++)
		if (fork() == 0)
			_exit(load_part(port, count / clients + (i < count % clients), path));
	if (shared)
		wait_for_stdin();
	while (wait(&status) > 0)
		failed += status != 0;
	if (!failed && shared)
		print_sizes(client_now() - began);
	else if (!failed)
		printf("%ld requests answered in %.2f s\n", count, client_now() - began);
	return failed > 0;
}

static void drip(char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		rest();
		if (!client_send(reader.fd, text + i, 1)) {
			printf("drip: %s after %zu of %zu bytes\n", strerror(errno), i, length);
			return;
		}
	}
	printf("drip: %zu bytes, one at a time\n", length);
}

static void send_all(const char *step, const char *bytes, size_t length)
{
	if (client_send(reader.fd, bytes, length))
		printf("%s: %zu bytes\n", step, length);
	else
		printf("%s: %s\n", step, errno == EAGAIN ? "no room in time" : strerror(errno));
}

static void fill(long length)
{
	char *bytes = malloc((size_t)length);

	if (!bytes) {
		printf("fill: no memory\n");
		return;
	}
	memset(bytes, 'x', (size_t)length);
	send_all("fill", bytes, (size_t)length);
	free(bytes);
}

static void wait_for_line(void)
{
	char byte = 0;

	while (byte != '\n' && read(STDIN_FILENO, &byte, 1) == 1)
		;
}

/* Until the server closes; what comes before is not ours to look at. */
static void wait_for_end(void)
{
	double began = client_now();
	char bytes[4096];
	ssize_t n;

	do
		n = recv(reader.fd, bytes, sizeof bytes, 0);
	while (n > 0);
	if (n == 0)
		printf("end: closed by the server after %.1f s\n", client_now() - began);
	else if (errno == EAGAIN)
		printf("end: still open after %g s\n", seconds);
	else
		printf("end: %s\n", strerror(errno));
}

/* As a client does that crashes, or a browser whose user has had enough. */
static void leave(void)
{
	struct linger at_once = {.l_onoff = 1};

	setsockopt(reader.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	hang_up();
	puts("reset: left");
}

static void read_answer(bool with_text)
{
	struct answer a = client_read(&reader, false);

	printf("read: %s%s%s\n", client_words(&a), in_time(a.outcome),
	       a.closes ? ", Connection: close" : "");
	if (with_text && a.text[0])
		printf("text: %s\n", a.text);
}

static int run_talk(int port, char **steps)
{
	if (!*steps)
		client_number(NULL, 0, usage);
	reader.fd = client_connect(port, seconds, 0);
	if (reader.fd < 0) {
		printf("not connected: %s\n", strerror(errno));
		return 1;
	}
	puts("connected");
	fflush(stdout);
	for (; *steps; steps++) {
		char *text = strchr(*steps, ':');

		text = text ? text + 1 : *steps + strlen(*steps);
		if (strncmp(*steps, "send:", 5) == 0) {
			send_all("send", text, client_unescape(text));
		} else if (strncmp(*steps, "drip:", 5) == 0) {
			drip(text, client_unescape(text));
		} else if (strncmp(*steps, "fill:", 5) == 0) {
			fill(client_number(text, 1, usage));
		} else if (strcmp(*steps, "turn") == 0) {
			wait_for_line();
		} else if (strcmp(*steps, "read") == 0 || strcmp(*steps, "text") == 0) {
			read_answer(**steps == 't');
		} else if (strcmp(*steps, "reset") == 0) {
			leave();
		} else if (strcmp(*steps, "end") == 0) {
			wait_for_end();
		} else {
			fprintf(stderr, "wire: unknown step '%s'\n%s", *steps, usage);
			return 2;
		}
		fflush(stdout);
	}
	return 0;
}

int main(int argc, char **argv)
{
	int (*const runs[])(int, char **) = {run_get, run_load, run_talk};
	const char *const verbs[] = {"get", "load", "talk"};
	char *end = NULL;
	int option, port;

	while ((option = getopt(argc - 1, argv + 1, "+t:c:d:k")) != -1)
		switch (option) {
		case 't':
			seconds = strtod(optarg, &end);
			if (*end || seconds <= 0)
				client_number(NULL, 0, usage);
			break;
		case 'c':
			clients = client_number(optarg, 1, usage);
			break;
		case 'd':
			pause_ms = client_number(optarg, 0, usage);
			break;
		case 'k':
			keep = true;
			break;
		default:
			client_number(NULL, 0, usage);
		}
	argv += optind + 1;
	port = argc > optind + 1 ? (int)client_number(argv[0], 1, usage) : 0;
	for (size_t i = 0; port && i < 3; i++)
		if (strcmp(argv[-optind], verbs[i]) == 0)
			return runs[i](port, argv + 1);
	fputs(usage, stderr);
	return 2;
}
