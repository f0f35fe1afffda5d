#include "flow.h"
#include "kernel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static int listener = -1;

struct program *relay_start(void)
{
	char port[16];
	int number;

	listener = wire_listen(&number);
	snprintf(port, sizeof port, "%d", number);
	return server_start("relay", "0", port, NULL);
}

struct session session_open(struct program *relay)
{
	struct session s;

	s.client = peer_connect(relay, "client");
	s.target = peer_accept(listener, relay, "target");
	return s;
}

struct session session_open_small(struct program *relay)
{
	struct session s;
	int small = 16384;

	setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	s.client = peer_connect_small(relay, "client", small);
	s.target = peer_accept(listener, relay, "target");
	return s;
}

void session_close(struct session s)
{
	peer_close(s.client);
	peer_close(s.target);
}

/* ---- flows ------------------------------------------------------------------------------- */

enum { PERIOD = 65537, PIECE = 65536 }; /* a prime: no buffer's size divides it */

static const char *pattern(size_t at)
{
	static char bytes[PERIOD + PIECE];

	if (bytes[1] == 0)
		for (size_t i = 0; i < sizeof bytes; i++)
			bytes[i] = (char)('!' + (i % PERIOD) * 2654435761u % 94);
	return bytes + at % PERIOD;
}

size_t flow_send(struct flow *f)
{
	size_t n = f->total - f->sent < PIECE ? f->total - f->sent : PIECE;

	if (n == 0)
		return 0;
	n = peer_send_some(f->from, pattern(f->sent), n);
	f->sent += n;
	return n;
}

size_t flow_take(struct flow *f, size_t most)
{
	char bytes[PIECE];
	ssize_t n = recv(f->to->fd, bytes, most < PIECE ? most : PIECE, MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0) {
		should_have("byte %zu of %zu at %s", f->taken, f->total, f->to->name);
		but_it_was("%s", n == 0 ? "the end of file" : strerror(errno));
	}
	if (memcmp(bytes, pattern(f->taken), (size_t)n) != 0) {
		size_t i = 0;

		while (bytes[i] == pattern(f->taken)[i])
			i++;
		should_have("%s as byte %zu at %s", shown(pattern(f->taken) + i, 8), f->taken + i, f->to->name);
		but_it_was("%s", shown(bytes + i, (size_t)n - i < 8 ? (size_t)n - i : 8));
	}
	f->taken += (size_t)n;
	return (size_t)n;
}

static void stuck(const struct flow *f)
{
	pid_t relay = program_pid(f->from->server);
	struct tcp_row in = tcp_look(f->from->other, f->from->port);

	should_have("%zu bytes at %s", f->total, f->to->name);
	but_it_was("%zu, and nothing moves; the relay is in %s, with %ld bytes unread", f->taken, process_call(relay), in.unread);
}

void flows_run(struct flow *f, int count)
{
	double until = deadline();

	for (bool all = false; !all;) {
		size_t moved = 0;

		all = true;
		for (int i = 0; i < count; i++) {
			moved += flow_send(&f[i]) + flow_take(&f[i], PIECE);
			all = all && f[i].taken == f[i].total;
		}
		if (moved) {
			until = deadline();
			continue;
		}
		for (int i = 0; i < count && now() > until; i++)
			if (f[i].taken < f[i].total)
				stuck(&f[i]);
		program_look(f->from->server);
		if (!all)
			nap();
	}
}

/* A busy machine may let the relay wait for a core: then it is not full yet. */
static bool relay_runs(const struct flow *f)
{
	return strcmp(process_call(program_pid(f->from->server)), "its own code") == 0;
}

/* Nothing goes for 50 looks, and the relay sleeps: it is full. */
void flow_fill(struct flow *f)
{
	size_t most = (size_t)256 << 20;
	double until = deadline();

	step("%s sends until nothing goes any more; %s does not read", f->from->name, f->to->name);
	f->total = most;
	for (int still = 0; still < 50; still++) {
		if (flow_send(f) > 0 || (relay_runs(f) && now() < until))
			still = 0;
		if (f->sent == most) {
			should_have("a relay that stops reading");
			but_it_was("%zu bytes taken from the client, and none read by the target", most);
		}
		program_look(f->from->server);
		nap();
	}
	f->total = f->sent;
}

void flow_finish(struct flow *f)
{
	step("%s reads all %zu bytes", f->to->name, f->total);
	flows_run(f, 1);
}

void expect_reset(struct peer *p)
{
	char byte;
	double until = deadline();
	ssize_t n;

	step("%s waits for a reset", p->name);
	while ((n = recv(p->fd, &byte, 1, MSG_DONTWAIT)) < 0 && errno == EAGAIN) {
		if (now() > until)
			too_late("no reset at %s", p->name);
		nap();
	}
	if (n < 0 && errno == ECONNRESET)
		return;
	should_have("a reset at %s", p->name);
	but_it_was("%s", n == 0 ? "the end of file" : n > 0 ? "a byte" : strerror(errno));
}
