/*
 * The whole server: the input is what a client sends on one connection, then it closes its
 * half. The server must answer or not, and be rid of the connection. Its files are those in
 * site/, or where FUZZ_SITE says.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "event/accept.h"
#include "event/loop.h"
#include "fuzz.h"
#include "http/wire/client.h"
#include "modules.h"
#include "proc/cycle.h"
#include "http/request/filter.h"
#include "http/client/serve.h"

enum { TURNS_MAX = 10000 };

static struct cycle *cycle;

static void on_error(const char *message)
{
	fprintf(stderr, "%s\n", message);
}

static const char configuration[] =
    "error_log stderr emerg;\n"
    "events { worker_connections 8; }\n"
    "http {\n"
    "    access_log off;\n"
    "    client_max_body_size 4k;\n"
    "    keepalive_requests 20;\n"
    "    lingering_close off;\n"
    "    server {\n"
    "        listen 127.0.0.1:0;\n"
    "        root %s;\n"
    "        error_page 404 /index.html;\n"
    "        location /files { alias %s; charset utf-8; expires 1h; add_header X-Uri $uri; }\n"
    "        location ~ ^/(r)(.*) { return 302 /$2?$args; }\n"
    "        location /try { try_files $uri $uri/ =404; }\n"
    "        location = /var { return 200 \"$request_uri $http_range $arg_a $cookie_b\"; }\n"
    "        location /in { internal; }\n"
    "    }\n"
    "}\n";

static void fail(const char *what)
{
	fprintf(stderr, "the server does not start: %s\n", what);
	exit(1);
}

static int start_modules(void)
{
	for (size_t i = 0; modules[i] != NULL; i++)
		if (modules[i]->start != NULL && modules[i]->start(cycle->sections[i]) < 0)
			return -1;
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char text[8192];
	const char *site = getenv("FUZZ_SITE");
	struct cycle_options o = {.prefix = STR("/"), .error_log = STR("stderr")};
	const struct listening_role role = {.workers = 1};

	(void)argc;
	(void)argv;
	if (site == NULL || site[0] != '/')
		fail("FUZZ_SITE must be the path of tests/fuzz/site");
	snprintf(text, sizeof(text), configuration, site, site);
	o.text = str_from(text);
	signal(SIGPIPE, SIG_IGN);
	clock_update();
	filters_set(filters);
	cycle = cycle_create(&o, modules, on_error);
	if (cycle == NULL)
		fail("its configuration");
	log_main = cycle->log;
	accept_init(500);
	if (loop_init() < 0 || conn_table_init(8) < 0 || start_modules() < 0 ||
	    listening_accept(cycle->listening, &role) < 0)
		fail("its loop");
	return 0;
}

/* Our end, from now on without waiting; the server's becomes a connection of its own. */
static int connect_client(void)
{
	struct conn *c;
	int ends[2];

	HOLDS(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
	c = conn_open(ends[1], NULL, NULL);
	HOLDS(c != NULL);
	client_accept(&cycle->listening->listener, c);
	return ends[0];
}

/* False: the server has closed it. */
static bool read_all(int fd)
{
	char answer[16384];
	ssize_t got;

	while ((got = recv(fd, answer, sizeof(answer), 0)) > 0)
		;
	return got < 0 && errno == EAGAIN;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = connect_client(), turns = 0;
	size_t sent = 0;

	while (read_all(fd)) {
		ssize_t n = sent < size ? send(fd, data + sent, size - sent, MSG_NOSIGNAL) : 0;

		sent += n > 0 ? (size_t)n : 0;
		if (sent == size)
			shutdown(fd, SHUT_WR);
		HOLDS(++turns < TURNS_MAX);
		loop_turn();
	}
	close(fd);
	HOLDS(client_stats.reading + client_stats.writing + client_stats.waiting == 0);
	return 0;
}
