/* server [PORT [ROOT]] - serves the files below ROOT on http://127.0.0.1:PORT/. */
#include "http.h"
#include "log.h"
#include "net.h"
#include "ring.h"
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const char usage[] = "usage: server [PORT [ROOT]]\n"
			    "  PORT  0 to 65535, 0 lets the kernel choose (8080)\n"
			    "  ROOT  the folder to serve (the current one)\n";

volatile sig_atomic_t stopping;

/* There is no handler: server_run has the kernel tell it of these signals as of everything
 * else. */
static void catch_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
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

int main(int argc, char **argv)
{
	int port = 8080, listener;

	if (argc > 1 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc > 3) {
		fputs(usage, stderr);
		return 1;
	}
	if (argc > 1)
		port = parse_number("port", argv[1], 0, 65535);

	open_standard_streams();
	http_open_root(argc > 2 ? argv[2] : ".");
	raise_descriptor_limit();
	catch_signals();
	ring_open();
	listener = net_listen(port);
	printf("listening on http://127.0.0.1:%d/\n", net_port(listener));
	fflush(stdout);

	server_run(listener);
	ring_close();
	http_close_root();
	return 0;
}
