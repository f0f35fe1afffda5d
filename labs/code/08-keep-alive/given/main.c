/* server PORT ROOT [KEEP_MS [REQUESTS_MOST]] - stage 5, with connections that go on. */
#include "http.h"
#include "limit.h"
#include "log.h"
#include "net.h"
#include "server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

volatile sig_atomic_t stopping;
int keep_ms = 2000, requests_most = 1000;

static void on_stop(int signo)
{
	(void)signo;
	stopping = 1;
}

/* Blocked, but for the wait in server.c: a signal just before the wait is not lost. */
static void catch_signals(void)
{
	struct sigaction stop = {.sa_handler = on_stop};
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
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

	if (argc < 3 || argc > 5) {
		fprintf(stderr, "usage: server PORT ROOT [KEEP_MS [REQUESTS_MOST]]\n");
		return 2;
	}
	if (argc > 3)
		keep_ms = number("KEEP_MS", argv[3], 1);
	if (argc > 4)
		requests_most = number("REQUESTS_MOST", argv[4], 1);
	http_open_root(argv[2]);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	catch_signals();
	listener = net_listen(number("PORT", argv[1], 0));
	printf("listening on 127.0.0.1:%d\n", net_port(listener));
	fflush(stdout);
	server_run(listener);
	http_close_root();
	return 0;
}
