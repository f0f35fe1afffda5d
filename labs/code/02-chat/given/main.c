/* main.c - chat PORT: begins to listen, says so, and runs the chat. */
#include "client.h"
#include "net.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

volatile sig_atomic_t stopping;

/* The signal may arrive just before select, which would then wait on: alarm sends another one. */
static void on_signal(int signo)
{
	(void)signo;
	stopping = 1;
	alarm(1);
}

int main(int argc, char **argv)
{
	/* without SA_RESTART: select returns */
	struct sigaction stop = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};
	int listener;

	if (argc != 2) {
		fprintf(stderr, "usage: chat PORT\n");
		return 2;
	}
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGALRM, &stop, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	listener = net_listen(atoi(argv[1]));
	printf("listening on 127.0.0.1:%d\n", net_port(listener));
	fflush(stdout);
	chat_run(listener);
	return 0;
}
