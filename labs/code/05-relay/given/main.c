/* main.c - relay PORT TARGET_PORT: begins to listen, says so, and relays. */
#include "net.h"
#include "relay.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

int target_port;
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
	int listener;

	if (argc != 3) {
		fprintf(stderr, "usage: relay PORT TARGET_PORT\n");
		return 2;
	}
	target_port = atoi(argv[2]);
	signals_init();
	listener = net_listen(atoi(argv[1]));
	fcntl(listener, F_SETFL, O_NONBLOCK);
	printf("listening on 127.0.0.1:%d\n", net_port(listener));
	fflush(stdout);
	loop_run(listener);
	return 0;
}
