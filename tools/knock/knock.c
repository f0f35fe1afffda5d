/*
 * knock [-k] [-c CLIENTS] PORT COUNT
 *
 * Makes COUNT connections to 127.0.0.1:PORT, CLIENTS (16) at a time, with one request on each,
 * and says who has answered, by the header X-Worker: for each one a line, and how many.
 *
 *   4711 2496
 *   4712 2504
 *
 *   -k   keeps every connection until the last one has its answer
 *
 * Exits 1 when a connection got no answer, or one that does not say whose it is.
 */
#include "../client/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char usage[] = "usage: knock [-k] [-c CLIENTS] PORT COUNT\n";

enum { NAME = 32, WORKERS_MOST = 256 };

static struct {
	int port;
	long count, clients;
	bool keep;
} want = {.clients = 16};

/* ---- a client: a process that knocks again and again */

/* Until the end of the head, or of the connection. */
static void read_answer(int fd, char *text, size_t room)
{
	size_t have = 0;
	ssize_t n = 1;

	text[0] = '\0';
	while (n > 0 && have < room - 1 && !(want.keep && strstr(text, "\r\n\r\n"))) {
		n = recv(fd, text + have, room - 1 - have, 0);
		have += n > 0 ? (size_t)n : 0;
		text[have] = '\0';
	}
}

static void knock(char *name)
{
	static const char kept[] = "GET / HTTP/1.1\r\nHost: knock\r\n\r\n";
	static const char once[] = "GET / HTTP/1.1\r\nHost: knock\r\nConnection: close\r\n\r\n";
	const char *request = want.keep ? kept : once;
	int fd = client_connect(want.port, 10, 0);
	char answer[4096], *at;

	strcpy(name, "nobody");
	if (fd < 0)
		return;
	if (client_send(fd, request, strlen(request))) {
		read_answer(fd, answer, sizeof answer);
		at = strstr(answer, "X-Worker: ");
		if (at)
			sscanf(at, "X-Worker: %31s", name);
	}
	if (!want.keep)
		close(fd);
}

/* Tells a line for each answer, and keeps its connections until GATE ends. */
static void client(long count, int told, int gate)
{
	char name[NAME + 1];

	for (long i = 0; i < count; i++) {
		knock(name);
		strcat(name, "\n");
		if (write(told, name, strlen(name)) < 0)
			exit(1);
	}
	close(told);
	exit(read(gate, name, 1) != 0);
}

/* ---- who has answered */

static struct {
	char name[NAME];
	long answers;
} workers[WORKERS_MOST];

static bool note(const char *name)
{
	int i = 0;

	while (i < WORKERS_MOST - 1 && workers[i].answers > 0 &&
	       strcmp(workers[i].name, name) != 0)
		i++;
	strcpy(workers[i].name, name);
	workers[i].answers++;
	return strcmp(name, "nobody") != 0;
}

static bool start_clients(int *told, int *gate)
{
	if (pipe(told) < 0 || pipe(gate) < 0)
		return false;
	for (long i = 0; i < want.clients; i++) {
		long count = want.count / want.clients + (i < want.count % want.clients);

		switch (fork()) {
		case 0:
			close(told[0]);
			close(gate[1]);
			client(count, told[1], gate[0]);
			break;
		case -1:
			return false;
		}
	}
	close(told[1]);
	return true;
}

int main(int argc, char **argv)
{
	int told[2], gate[2], option;
	char name[NAME];
	bool all = true;
	FILE *answers;

	while ((option = getopt(argc, argv, "kc:")) != -1)
		switch (option) {
		case 'k':
			want.keep = true;
			break;
		case 'c':
			want.clients = client_number(optarg, 1, usage);
			break;
		default:
			fputs(usage, stderr);
			return 2;
		}
	want.port = (int)client_number(argc == optind + 2 ? argv[optind] : NULL, 1, usage);
	want.count = client_number(argv[optind + 1], 1, usage);
	client_raise_limit();
	if (!start_clients(told, gate)) {
		perror("knock");
		return 1;
	}
	answers = fdopen(told[0], "r");
	while (answers && fscanf(answers, "%31s", name) == 1)
		all &= note(name);
	close(gate[1]); /* all may go */
	while (wait(NULL) > 0)
		;
	for (int i = 0; workers[i].answers > 0; i++)
		printf("%s %ld\n", workers[i].name, workers[i].answers);
	return !all;
}
