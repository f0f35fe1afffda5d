/*
 * traffic [-t SECONDS] PORT
 *
 * Four kinds of clients at once, until stdin ends, and then what became of their requests:
 *
 *   kept      10423 answered, 0 lost, 0 reset     four clients that keep their connections
 *   fresh     3120 answered, 0 lost, 0 reset      two that take a new one each time
 *   download  4 answered, 0 lost, 0 reset         GET /large, which takes SECONDS (3)
 *   upload    4 answered, 0 lost, 0 reset         POST /upload, likewise
 *
 * One line, "under way", when each of them has begun. A request is lost when no whole answer
 * with status 200 came, for whatever reason, and reset when the connection was ended by force.
 * A client that was told that its connection stays is owed its next answer there. What a client
 * has begun it finishes; the exit status is 1 when one of them lost anything.
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
    "usage: traffic [-t SECONDS] PORT\n"
    "  until stdin ends: kept and fresh connections, downloads of /large,\n"
    "  uploads to /upload; what was answered, lost and reset\n";

enum { PATIENCE = 20, STEPS = 60, UPLOAD = 600000 };

static int port;
static double seconds = 3; /* a download takes, or an upload */
static struct reader reader = {.fd = -1};

static void rest(double wait)
{
	struct timespec pause = {(time_t)wait, (long)((wait - (double)(time_t)wait) * 1e9)};

	nanosleep(&pause, NULL);
}

static void hang_up(void)
{
	close(reader.fd);
	reader.fd = -1;
}

static bool connected(void)
{
	if (reader.fd < 0)
		reader = (struct reader){.fd = client_connect(port, PATIENCE, 0)};
	return reader.fd >= 0;
}

static enum outcome outcome_of(const struct answer *a)
{
	return a->outcome == ANSWERED && a->status != 200 ? CUT : a->outcome;
}

static enum outcome get(const char *request)
{
	struct answer a;

	if (!connected())
		return REFUSED;
	client_send(reader.fd, request, strlen(request)); /* if not: reading says why */
	a = client_read(&reader, false);
	if (a.closes || a.outcome != ANSWERED)
		hang_up();
	rest(0.002);
	return outcome_of(&a);
}

static enum outcome kept(void)
{
	return get("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
}

static enum outcome fresh(void)
{
	return get("GET / HTTP/1.0\r\n\r\n");
}

/* How long the answer will be that begins in the reader; 0: it is none that we want. */
static long wanted_length(void)
{
	const char *end, *field;

	reader.bytes[reader.have] = '\0';
	end = strstr(reader.bytes, "\r\n\r\n");
	field = strstr(reader.bytes, "\r\nContent-Length: ");
	if (end == NULL || field == NULL || strncmp(reader.bytes, "HTTP/1.1 200 ", 13) != 0)
		return 0;
	return end + 4 - reader.bytes + atol(field + strlen("\r\nContent-Length: "));
}

static enum outcome read_slowly(void)
{
	double began = client_now();
	long have = 0, wanted = 0;
	ssize_t got;

	while (wanted == 0 || have < wanted) {
		got = recv(reader.fd, reader.bytes, sizeof(reader.bytes) - 1, 0);
		if (got <= 0)
			return got == 0 ? CUT : errno == ECONNRESET ? RESET : LATE;
		reader.have = (size_t)got;
		have += got;
		if (wanted == 0)
			wanted = wanted_length();
		if (wanted == 0)
			return CUT;
		while (client_now() - began < seconds * (double)have / (double)wanted)
			rest(0.001);
	}
	return ANSWERED;
}

static enum outcome download(void)
{
	static const char request[] =
	    "GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	enum outcome outcome = REFUSED;
	int small = 65536; /* what is on the way to us would be read after any end */

	if (!connected())
		return REFUSED;
	setsockopt(reader.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	if (client_send(reader.fd, request, strlen(request)))
		outcome = read_slowly();
	hang_up();
	return outcome;
}

static bool send_slowly(void)
{
	static const char piece[UPLOAD / STEPS];

	for (int i = 0; i < STEPS; i++) {
		if (!client_send(reader.fd, piece, sizeof(piece)))
			return false;
		rest(seconds / STEPS);
	}
	return true;
}

static enum outcome upload(void)
{
	char head[128];
	struct answer a = {.outcome = RESET};

	if (!connected())
		return REFUSED;
	snprintf(head, sizeof(head),
		 "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", UPLOAD);
	if (client_send(reader.fd, head, strlen(head)) && send_slowly())
		a = client_read(&reader, false);
	hang_up();
	return outcome_of(&a);
}

static const struct kind {
	const char *name;
	int clients;
	enum outcome (*request)(void);
} kinds[] = {
    {"kept", 4, kept}, {"fresh", 2, fresh}, {"download", 1, download}, {"upload", 1, upload}};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static struct shared {
	atomic_bool enough;
	atomic_int begun;
	struct {
		atomic_long answered, lost, reset;
	} counts[KINDS];
} * shared;

static void play(int kind)
{
	shared->begun++;
	while (!shared->enough) {
		enum outcome outcome = kinds[kind].request();

		if (outcome == ANSWERED)
			shared->counts[kind].answered++;
		else if (outcome == RESET)
			shared->counts[kind].reset++;
		else
			shared->counts[kind].lost++;
	}
}

static int start_all(void)
{
	int count = 0;

	for (int kind = 0; kind < KINDS; kind++) {
		for (int i = 0; i < kinds[kind].clients; i++, count++) {
			if (fork() != 0)
				continue;
			play(kind);
			_exit(0);
		}
	}
	return count;
}

static void wait_for_stdin(void)
{
	char bytes[64];

	while (read(STDIN_FILENO, bytes, sizeof(bytes)) > 0)
		;
	shared->enough = true;
	while (wait(NULL) > 0)
		;
}

static long report(void)
{
	long failed = 0;

	for (int i = 0; i < KINDS; i++) {
		printf("%-9s %ld answered, %ld lost, %ld reset\n", kinds[i].name,
		       shared->counts[i].answered, shared->counts[i].lost,
		       shared->counts[i].reset);
		failed += shared->counts[i].lost + shared->counts[i].reset;
	}
	return failed;
}

int main(int argc, char **argv)
{
	int option, count;

	while ((option = getopt(argc, argv, "t:")) != -1)
		seconds = (double)client_number(option == 't' ? optarg : NULL, 1, usage);
	port = (int)client_number(argv[optind], 1, usage);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED) {
		perror("traffic: mmap");
		return 2;
	}
	count = start_all();
	while (shared->begun < count)
		rest(0.01);
	puts("under way");
	fflush(stdout);
	wait_for_stdin();
	return report() > 0;
}
