/* front PORT BACKEND_PORT IDLE_MS WAIT_MS - clients' lines, answered by a backend. */
#include "front.h"
#include "net.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

volatile sig_atomic_t stopping;

static void on_signal(int signo)
{
	(void)signo;
	stopping = 1;
}

/* Blocked, but for the wait in loop.c: a signal just before the wait is not lost. */
static void signals_init(void)
{
	struct sigaction stop = {.sa_handler = on_signal};
	sigset_t both;

	sigemptyset(&both);
	sigaddset(&both, SIGTERM);
	sigaddset(&both, SIGINT);
	sigprocmask(SIG_BLOCK, &both, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
}

int main(int argc, char **argv)
{
	struct upstream *u;
	struct loop *l;
	int listener;

	if (argc != 5) {
		fprintf(stderr, "usage: front PORT BACKEND_PORT IDLE_MS WAIT_MS\n");
		return 2;
	}
	signals_init();
	l = loop_create();
	u = upstream_create(l, atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
	if (!u) {
		fprintf(stderr, "front: no memory\n");
		return 1;
	}
	listener = net_listen(atoi(argv[1]));
	fcntl(listener, F_SETFL, O_NONBLOCK);
	front_start(l, listener, u);
	printf("listening on 127.0.0.1:%d\n", net_port(listener));
	fflush(stdout);
	loop_run(l);
	front_end();
	upstream_destroy(u);
	loop_destroy(l);
	return 0;
}
