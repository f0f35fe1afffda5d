/*
 * server PORT ROOT HEAD_MS STALL_MS - stage 3, with two limits for its clients.
 * server puppet                     - plays with deadlines alone: type help.
 */
#include "http.h"
#include "log.h"
#include "net.h"
#include "play.h"
#include "server.h"
#include "times.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

volatile sig_atomic_t stopping;
int head_ms, stall_ms;

/* Stage 3 says why: the signal may come just before poll, so it comes again each second. */
static void on_stop(int signo)
{
	(void)signo;
	stopping = 1;
	alarm(1);
}

static void catch_signals(void)
{
	struct sigaction stop = {.sa_handler = on_stop}; /* no SA_RESTART: poll returns EINTR */

	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGALRM, &stop, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int number(const char *what, const char *text, int least)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < least || n > 1000000)
		die("bad %s '%s': give a number from %d to 1000000", what, text, least);
	return (int)n;
}

int main(int argc, char **argv)
{
	struct rlimit limit;
	int listener;

	if (argc == 2 && strcmp(argv[1], "puppet") == 0)
		return play();
	if (argc != 5) {
		fprintf(stderr, "usage: server PORT ROOT HEAD_MS STALL_MS\n"
				"       server puppet\n");
		return 2;
	}
	head_ms = number("HEAD_MS", argv[3], 1);
	stall_ms = number("STALL_MS", argv[4], 1);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	http_open_root(argv[2]);
	catch_signals();
	jump_init();
	listener = net_listen(number("PORT", argv[1], 0));
	fcntl(listener, F_SETFL, O_NONBLOCK);
	printf("listening on 127.0.0.1:%d\n", net_port(listener));
	fflush(stdout);
	server_run(listener);
	http_close_root();
	return 0;
}
