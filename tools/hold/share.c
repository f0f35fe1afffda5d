#include "share.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct holder {
	pid_t pid;
	int fd; /* its stdin and its stdout */
	FILE *said;
};

static struct holder *holders;
static long holder_count;

enum { LINE = 256 };

/* "12 of 20 stand: REASON": the reason of the first who gives one is everybody's. */
static long first_words(char *why)
{
	char line[LINE];
	long stand = 0;

	for (long i = 0; i < holder_count; i++) {
		const char *reason = ": one of the processes has ended";

		if (fgets(line, sizeof line, holders[i].said)) {
			line[strcspn(line, "\n")] = '\0';
			stand += atol(line);
			reason = strstr(line, ": ");
		}
		if (reason && !*why)
			snprintf(why, LINE, "%s", reason);
	}
	return stand;
}

static void report(void)
{
	char line[LINE];
	long open = 0, closed = 0;

	for (long i = 0; i < holder_count; i++) {
		long stays = 0, left = 0;

		if (fgets(line, sizeof line, holders[i].said))
			sscanf(line, "%ld open, %ld closed", &stays, &left);
		open += stays;
		closed += left;
	}
	printf("%ld open, %ld closed by the server\n", open, closed);
	fflush(stdout);
}

static void pass_on(int signo)
{
	for (long i = 0; i < holder_count; i++)
		kill(holders[i].pid, signo);
}

/* False when there are no more, or when they speak unasked: somebody has ended them. */
static bool next_line(void)
{
	struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
			       {.fd = holders->fd, .events = POLLIN}};
	char line[LINE];

	while (poll(fds, 2, -1) < 0)
		continue;
	return !fds[1].revents && read(STDIN_FILENO, line, sizeof line) > 0;
}

static void end_all(void)
{
	for (long i = 0; i < holder_count; i++)
		shutdown(holders[i].fd, SHUT_WR);
	report();
	while (wait(NULL) > 0 || errno == EINTR)
		continue;
}

static int speak_for_all(long wanted)
{
	struct sigaction end = {.sa_handler = pass_on, .sa_flags = SA_RESTART};
	char why[LINE] = "";
	long stand;

	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGINT, &end, NULL);
	stand = first_words(why);
	if (*why)
		printf("%ld of %ld stand%s\n", stand, wanted, why);
	else
		printf("%ld stand\n", stand);
	fflush(stdout);
	while (next_line()) {
		for (long i = 0; i < holder_count; i++)
			send(holders[i].fd, "\n", 1, MSG_NOSIGNAL);
		report();
	}
	end_all();
	return *why != '\0';
}

/* False in the child. */
static bool start(struct holder *h)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 || (h->pid = fork()) < 0) {
		perror("hold");
		exit(1);
	}
	h->fd = pair[0];
	h->said = fdopen(pair[0], "r");
	if (h->pid > 0)
		close(pair[1]);
	else if (dup2(pair[1], STDIN_FILENO) < 0 || dup2(pair[1], STDOUT_FILENO) < 0)
		exit(1);
	return h->pid > 0;
}

/* What a child has of its parent's: as long as it is open, a brother would not see its end. */
static void forget(long mine)
{
	for (long i = 0; i <= mine; i++)
		fclose(holders[i].said);
	free(holders);
}

int share_out(long processes, long *count)
{
	holders = calloc((size_t)processes, sizeof *holders);
	if (!holders) {
		fprintf(stderr, "hold: no memory for %ld processes\n", processes);
		exit(1);
	}
	while (holder_count < processes) {
		if (!start(&holders[holder_count])) {
			*count = *count / processes + (holder_count < *count % processes);
			forget(holder_count);
			return (int)holder_count;
		}
		holder_count++;
	}
	exit(speak_for_all(*count));
}
