/* server [PORT [ROOT [WORKERS [SECONDS [SLOW]]]]] - serves the files below ROOT on http://127.0.0.1:PORT/. */
#include "client.h"
#include "http.h"
#include "http/work/slow.h"
#include "log.h"
#include "master.h"
#include "net.h"
#include "server.h"
#include "title.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const char usage[] = "usage: server [PORT [ROOT [WORKERS [SECONDS [SLOW]]]]]\n"
			    "  PORT     0 to 65535, 0 lets the kernel choose (8080)\n"
			    "  ROOT     the folder to serve (the current one)\n"
			    "  WORKERS  how many processes serve it (one a core)\n"
			    "  SECONDS  how long a client may do nothing (60)\n"
			    "  SLOW     how many seconds of work /slow?NAME is (there is none)\n";

volatile sig_atomic_t stopping, quitting;

static void on_stop(int signo)
{
	if (signo == SIGQUIT)
		quitting = 1;
	else
		stopping = 1;
}

/*
 * Signals are blocked except during epoll_pwait, the only call in which the server waits. No
 * signal can arrive between the test of `stopping` and the wait: the kernel unblocks the
 * signals and begins to wait in one step.
 */
static void catch_signals(void)
{
	struct sigaction stop = {.sa_handler = on_stop};
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGQUIT);
	sigaddset(&signals, SIGHUP); /* for the master alone; they must not end a server that starts */
	sigaddset(&signals, SIGUSR1);
	sigaddset(&signals, SIGIO);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGQUIT, &stop, NULL);
	signal(SIGPIPE, SIG_IGN); /* send returns EPIPE instead, for that client alone */
}

/* The program that started the server may have closed descriptors 0, 1 and 2. Then a client's
 * socket would get number 2, and our error messages would be sent to that client. */
static void open_standard_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	close(fd);
}

/* Each connection needs a descriptor. Most systems allow 1,024 until a process asks for more.
 */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int parse_number(const char *what, const char *text, int least, int most)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (end == text || *end || number < least || number > most)
		die("bad %s '%s': give a number from %d to %d", what, text, least, most);
	return (int)number;
}

/* The cores that this process may use; the machine may have more. */
static int count_cores(void)
{
	cpu_set_t cores;

	if (sched_getaffinity(0, sizeof cores, &cores) < 0)
		return 1;
	return CPU_COUNT(&cores) < MOST_WORKERS ? CPU_COUNT(&cores) : MOST_WORKERS;
}

int main(int argc, char **argv)
{
	int port = 8080, listener, workers = count_cores();

	if (argc > 1 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc > 6) {
		fputs(usage, stderr);
		return 1;
	}
	if (argc > 1)
		port = parse_number("port", argv[1], 0, 65535);
	if (argc > 3)
		workers = parse_number("number of workers", argv[3], 1, MOST_WORKERS);
	if (argc > 4)
		client_timeout = parse_number("time", argv[4], 1, 86400) * 1000;
	if (argc > 5)
		slow_seconds = parse_number("duration", argv[5], 1, 3600);

	open_standard_streams();
	log_init();
	http_open_root(argc > 2 ? argv[2] : ".");
	raise_descriptor_limit();
	catch_signals();
	listener = net_listen(port);
	printf("listening on http://127.0.0.1:%d/\n", net_port(listener));
	fflush(stdout);

	title_init(argc, argv);
	master_run(listener, workers);
	http_close_root();
	return 0;
}
