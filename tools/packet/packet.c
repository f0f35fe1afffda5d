/*
 * packet PORT WHAT [-H HOST] [-e MS] [-t SECONDS]
 *
 * A client of stage 7's packet server, well-behaved or not:
 *
 *   ping [COUNT]     pings, with the time until each answer (4)
 *   echo TEXT        sends it, and prints what comes back
 *   say TEXT         to all clients that are connected, this one too
 *   stay             pings all the time, answers probes, and prints what others say
 *   silent           says nothing, and waits to be dropped
 *   deaf             asks and asks, and does not read a single answer
 *   flood            pings without a pause
 *   malformed KIND   one bad packet: short, long, crc, command
 *
 *   -H HOST     the server's (127.0.0.1)
 *   -e MS       between two pings (200 for ping, 1000 for stay)
 *   -t SECONDS  how long at most (10; stay: until it is ended)
 *
 * Exit status 0: what was asked for has happened (an answer came; who misbehaves was dropped).
 */
#include "protocol.h"

#include "../client/client.h"

#include <ctype.h>
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
    "usage: packet PORT WHAT [-H HOST] [-e MS] [-t SECONDS]\n"
    "  a client of stage 7's packet server\n"
    "  ping [COUNT]     pings, with the time until each answer\n"
    "  echo TEXT        sends it, and prints what comes back\n"
    "  say TEXT         to all clients that are connected, this one too\n"
    "  stay             pings all the time, answers probes, prints what others say\n"
    "  silent           says nothing, and waits to be dropped\n"
    "  deaf             asks and asks, and does not read a single answer\n"
    "  flood            pings without a pause\n"
    "  malformed KIND   one bad packet: short, long, crc, command\n"
    "  -H HOST  the server's (127.0.0.1)    -e MS  between two pings\n"
    "  -t SECONDS  how long at most (10; stay: until it is ended)\n";

static struct {
	const char *host;
	long port, every;
	double seconds; /* 0: not said; negative: for ever */
	const char *word;
} want = {.host = "127.0.0.1"};

static struct link server;
static double began;

static double elapsed(void)
{
	return (client_now() - began) * 1e3;
}

static double left(void)
{
	double seconds = want.seconds - elapsed() / 1e3;

	return want.seconds < 0 ? -1 : seconds > 0 ? seconds : 0;
}

/* Bodies are shown as text, whatever they are: but a body must not send commands to this terminal. */
static void show(const char *what)
{
	printf("%s", what);
	for (size_t i = 0; i < server.length; i++)
		putchar(iscntrl((unsigned char)server.body[i]) ? '.' : server.body[i]);
	putchar('\n');
	fflush(stdout);
}

/* What the server did without having been asked. True: the connection goes on. */
static bool tell(enum news news)
{
	if (news == PACKET && server.command == PROBE)
		printf("after %.0f ms the server asks whether we live\n", elapsed());
	else if (news == PACKET && server.command == SAY)
		show("another client says: ");
	else if (news == PACKET && server.command == BYE)
		show("the server says bye: ");
	else if (news == ENDED)
		printf("after %.0f ms the server has closed the connection\n", elapsed());
	else if (news == BROKEN)
		printf("after %.0f ms the server has reset the connection\n", elapsed());
	else if (news == NONSENSE)
		printf("after %.0f ms something came that is no packet\n", elapsed());
	fflush(stdout);
	return news == PACKET || news == NOTHING;
}

/* Whatever comes, until the connection ends. Was it ended in time? */
static bool wait_for_end(void)
{
	enum news news;

	do
		news = packet_wait(&server, left());
	while (tell(news) && news != NOTHING);
	if (news == NOTHING)
		printf("after %.0f ms the connection still stands\n", elapsed());
	return news == ENDED || news == BROKEN;
}

/* The next packet of this kind; what else comes is told and, if it is a probe, answered. */
static bool wait_for(unsigned command, double seconds)
{
	double until = client_now() + seconds;

	for (;;) {
		double rest = until - client_now();
		enum news news = packet_wait(&server, rest > 0 ? rest : 0);

		if (news == PACKET && server.command == command)
			return true;
		if (!tell(news) || news == NOTHING)
			return false;
		if (server.command == PROBE && !packet_send(&server, PROBE, "", 0))
			return false;
	}
}

/* ---- the well-behaved */

/* The body comes back as it went: it says when that was. */
static bool ping(long number, double *ms)
{
	struct {
		uint64_t number;
		double sent;
	} body = {.number = (uint64_t)number, .sent = client_now()};

	if (!packet_send(&server, PING, &body, sizeof body))
		return false;
	do
		if (!wait_for(PING, left()) || server.length != sizeof body)
			return false;
	while (memcmp(server.body, &body.number, sizeof body.number) != 0);
	memcpy(&body, server.body, sizeof body);
	*ms = (client_now() - body.sent) * 1e3;
	return true;
}

static bool do_ping(void)
{
	long count = want.word ? client_number(want.word, 1, usage) : 4, came = 0;
	double ms, sum = 0;

	while (came < count && ping(came + 1, &ms)) {
		printf("ping %ld: answered after %.3f ms\n", ++came, ms);
		fflush(stdout);
		sum += ms;
		if (came < count)
			poll(NULL, 0, want.every ? (int)want.every : 200);
	}
	printf("%ld of %ld answered", came, count);
	if (came > 0)
		printf(", after %.3f ms on average", sum / (double)came);
	putchar('\n');
	return came == count;
}

static bool do_echo(void)
{
	if (!packet_send(&server, ECHO, want.word, strlen(want.word)) ||
	    !wait_for(ECHO, left()))
		return false;
	show("echo: ");
	return true;
}

static bool do_say(void)
{
	if (!packet_send(&server, SAY, want.word, strlen(want.word)) || !wait_for(SAY, left()))
		return false;
	show("to all: ");
	return true;
}

/* A little more or less each time: clients that came together do not ping together for ever. */
static double jitter(double seconds)
{
	return seconds * (0.9 + 0.2 * drand48());
}

static bool do_stay(void)
{
	double every = want.every ? (double)want.every / 1e3 : 1;

	while (left() != 0) {
		double next = client_now() + jitter(every), rest;

		if (!packet_send(&server, PING, "", 0))
			return tell(BROKEN);
		while ((rest = next - client_now()) > 0 && left() != 0) {
			enum news news = packet_wait(&server, rest);

			if (!tell(news))
				return false;
			if (news == PACKET && server.command == BYE)
				return true;
			if (news == PACKET && server.command == PROBE)
				packet_send(&server, PROBE, "", 0);
		}
	}
	return true;
}

/* ---- the others */

static bool do_silent(void)
{
	return wait_for_end();
}

static bool do_flood(void)
{
	unsigned char pings[64 * HEAD];
	long sent = 0;

	for (size_t i = 0; i < sizeof pings; i += HEAD)
		packet_write(pings + i, PING, "", 0);
	while (left() != 0 && client_send(server.fd, (const char *)pings, sizeof pings)) {
		sent += sizeof pings / HEAD;
		while (packet_wait(&server, 0) == PACKET)
			tell(PACKET);
	}
	printf("sent about %ld pings\n", sent);
	return wait_for_end();
}

/* Ended, when it has been: a connection that is reset shows as an error. */
static bool do_deaf(void)
{
	struct pollfd socket = {.fd = server.fd, .events = POLLOUT};
	unsigned char packet[8192];
	size_t at = 0, sent = 0;
	static const char body[sizeof packet - HEAD];

	packet_write(packet, ECHO, body, sizeof body);
	while (left() != 0 && !(socket.revents & (POLLERR | POLLHUP))) {
		ssize_t n;

		if (poll(&socket, 1, 100) <= 0 || !(socket.revents & POLLOUT))
			continue;
		n = send(server.fd, packet + at, sizeof packet - at,
			 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN)
			break;
		sent += n > 0 ? (size_t)n : 0;
		at = sent % sizeof packet;
	}
	printf("sent %zu bytes, read none\n", sent);
	return left() != 0 && !tell(BROKEN);
}

static bool do_malformed(void)
{
	unsigned char packet[HEAD + 4];

	packet_write(packet, ECHO, "text", 4);
	if (strcmp(want.word, "short") == 0) {
		packet[1] = HEAD - 1;
	} else if (strcmp(want.word, "long") == 0) {
		packet[0] = packet[1] = 0xff;
	} else if (strcmp(want.word, "crc") == 0) {
		packet[HEAD] = 'n';
	} else if (strcmp(want.word, "command") == 0) {
		packet[3] = 77;
	} else {
		fputs(usage, stderr);
		exit(2);
	}
	return client_send(server.fd, (const char *)packet, sizeof packet) && wait_for_end();
}

/* ---- which of them */

enum words { NONE, MAYBE, ONE, TEXT };

static const struct what {
	const char *name;
	enum words words;
	bool (*run)(void);
} whats[] = {
    {"ping", MAYBE, do_ping},  {"echo", TEXT, do_echo},          {"say", TEXT, do_say},
    {"stay", NONE, do_stay},   {"silent", NONE, do_silent},      {"deaf", NONE, do_deaf},
    {"flood", NONE, do_flood}, {"malformed", ONE, do_malformed},
};

static const struct what *find(const char *name)
{
	for (size_t i = 0; i < sizeof whats / sizeof *whats; i++)
		if (strcmp(whats[i].name, name) == 0)
			return &whats[i];
	return NULL;
}

static int wrong_usage(void)
{
	fputs(usage, stderr);
	return 2;
}

static bool fits(enum words words, int count)
{
	if (words == TEXT)
		return count > 0;
	return count <= (words != NONE) && count >= (words == ONE);
}

/* A text of several words: make takes the quotes away. */
static char *join(char **words, int count)
{
	size_t room = 1;
	char *text;

	for (int i = 0; i < count; i++)
		room += strlen(words[i]) + 1;
	text = calloc(1, room);
	for (int i = 0; text && i < count; i++) {
		strcat(text, i > 0 ? " " : "");
		strcat(text, words[i]);
	}
	return text;
}

static bool parse_options(int argc, char **argv)
{
	static const struct option names[] = {{"help", no_argument, NULL, 'h'}, {0}};
	int option;

	while ((option = getopt_long(argc, argv, "H:e:t:h", names, NULL)) != -1)
		switch (option) {
		case 'H':
			want.host = optarg;
			break;
		case 'e':
			want.every = client_number(optarg, 1, usage);
			break;
		case 't':
			want.seconds = (double)client_number(optarg, 1, usage);
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		default:
			return false;
		}
	return true;
}

int main(int argc, char **argv)
{
	const struct what *what;
	int words;

	if (!parse_options(argc, argv) || argc < optind + 2)
		return wrong_usage();
	want.port = client_number(argv[optind], 1, usage);
	what = find(argv[optind + 1]);
	words = argc - optind - 2;
	if (!what || !fits(what->words, words))
		return wrong_usage();
	want.word = words > 0 ? join(argv + optind + 2, words) : NULL;
	if (want.seconds == 0)
		want.seconds = what->run == do_stay ? -1 : 10;

	signal(SIGPIPE, SIG_IGN);
	srand48(getpid());
	if (!link_open(&server, want.host, (int)want.port)) {
		fprintf(stderr, "packet: %s, port %ld: %s\n", want.host, want.port,
			errno ? strerror(errno) : "there is no such host");
		return 1;
	}
	began = client_now();
	return what->run() ? 0 : 1;
}
