#include "pool.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int listener;

static struct program *front_start(int port, int idle_ms, int wait_ms)
{
	char backend[16], idle[16], wait[16];

	snprintf(backend, sizeof backend, "%d", port);
	snprintf(idle, sizeof idle, "%d", idle_ms);
	snprintf(wait, sizeof wait, "%d", wait_ms);
	return server_start("front", "0", backend, idle, wait, NULL);
}

struct program *pool_start_with(int idle_ms, int wait_ms)
{
	int port;

	listener = wire_listen(&port);
	return front_start(port, idle_ms, wait_ms);
}

struct program *pool_start(void)
{
	return pool_start_with(1000000, 1000000);
}

struct program *pool_start_refused(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof a;

	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&a, sizeof a) < 0)
		judge_broke("bind: %s", strerror(errno));
	getsockname(listener, (struct sockaddr *)&a, &size);
	return front_start(ntohs(a.sin_port), 1000000, 1000000);
}

void backend_listens(void)
{
	step("the backend begins to listen");
	if (listen(listener, 1024) < 0)
		judge_broke("listen: %s", strerror(errno));
}

struct peer *client(struct program *front, const char *name)
{
	return peer_connect(front, name);
}

void ask(struct peer *p, const char *key)
{
	peer_say(p, "GET %s\n", key);
}

struct peer *backend_accept(struct program *front, const char *name, const char *key)
{
	struct peer *b = peer_accept(listener, front, name);

	peer_expect(b, "%s", key);
	return b;
}

void answer(struct peer *backend, struct peer *p, const char *key)
{
	peer_say(backend, "answer to %s\n", key);
	peer_expect(p, "answer to %s", key);
}

/* The answer to a PING that is sent later shows that the front has handled what came before. */
void expect_no_client(struct program *front)
{
	struct peer *fence = peer_connect(front, "fence");

	for (int i = 0; i < 3; i++) {
		peer_say(fence, "PING\n");
		peer_expect(fence, "PONG");
	}
	peer_close(fence);
	if (!wire_no_client(listener)) {
		should_have("no further connection at the backend");
		but_it_was("one more");
	}
}

struct peer *idle_one(struct program *front, struct peer *p, const char *name, const char *key)
{
	struct peer *b;

	ask(p, key);
	b = backend_accept(front, name, key);
	answer(b, p, key);
	return b;
}

void all_busy(struct program *front, struct peer **clients, struct peer **backends)
{
	long max = variant("MAX");
	char name[32], key[32];

	step("MAX is %ld: so many clients ask", max);
	for (int i = 0; i < max; i++) {
		snprintf(name, sizeof name, "client %d", i + 1);
		snprintf(key, sizeof key, "key%d", i + 1);
		clients[i] = client(front, name);
		ask(clients[i], key);
		snprintf(name, sizeof name, "backend %d", i + 1);
		backends[i] = backend_accept(front, name, key);
	}
}
