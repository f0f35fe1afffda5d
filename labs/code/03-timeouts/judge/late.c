#include "late.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the puppet -------------------------------------------------------------------------- */

struct program *puppet(void)
{
	return program_start("server", "puppet", NULL);
}

static const char *answer(struct program *p)
{
	static char text[64];
	char *line = heard(p);

	snprintf(text, sizeof text, "%s", line ? line : "");
	if (line)
		heard_nothing(p);
	return text;
}

void set(struct program *p, int n, int64_t due)
{
	step("set %d %" PRId64, n, due);
	tell(p, "set %d %" PRId64, n, due);
	expect_text("the answer", "", answer(p));
}

void clear(struct program *p, int n)
{
	step("clear %d", n);
	tell(p, "clear %d", n);
	expect_text("the answer", "", answer(p));
}

void expect_take(struct program *p, int64_t now, int n)
{
	char wanted[32] = "none";

	if (n >= 0)
		snprintf(wanted, sizeof wanted, "took %d", n);
	step("take %" PRId64, now);
	tell(p, "take %" PRId64, now);
	expect_text("the answer", wanted, answer(p));
}

void expect_wait(struct program *p, int64_t now, int wanted)
{
	char text[32];

	snprintf(text, sizeof text, "wait %d", wanted);
	step("wait %" PRId64, now);
	tell(p, "wait %" PRId64, now);
	expect_text("the answer", text, answer(p));
}

/* ---- the server -------------------------------------------------------------------------- */

int ms(int n)
{
	return (int)(n * (slowness() < 4 ? slowness() : 4));
}

static void file_make(const char *name, const char *text, off_t length)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) < 0 || ftruncate(fd, length) < 0)
		judge_broke("no file %s", name);
	close(fd);
}

struct program *timed_server(int head_ms, int stall_ms)
{
	char head[16], stall[16];

	mkdir("www", 0755);
	file_make("www/hello.txt", "hello\n", SMALL);
	file_make("www/big", "", BIG);
	snprintf(head, sizeof head, "%d", head_ms);
	snprintf(stall, sizeof stall, "%d", stall_ms);
	step("server 0 www %s %s (HEAD_MS, STALL_MS)", head, stall);
	return server_start("server", "0", "www", head, stall, NULL);
}

void get_small(struct program *server, const char *name)
{
	struct peer *p = peer_connect(server, name);

	peer_say(p, "GET /hello.txt HTTP/1.0\r\n\r\n");
	peer_expect(p, "HTTP/1.0 200 OK");
	while (*peer_line(p))
		continue;
	peer_expect(p, "hello");
	peer_expect_end(p);
	peer_close(p);
}

void expect_late(struct peer *p, double began, int head_ms)
{
	double took;

	peer_expect(p, "HTTP/1.0 %ld Late", variant("LATE_STATUS"));
	took = (now() - began) * 1e3;
	if (took < head_ms) {
		should_have("the answer %ld after %d ms or later", variant("LATE_STATUS"),
			    head_ms);
		but_it_was("after %.1f ms", took);
	}
	peer_expect_closed(p);
}

/* First what has arrived: what moves between the two looks is missed, and not counted twice. */
long on_its_way(struct peer *p)
{
	int unread = 0;

	ioctl(p->fd, FIONREAD, &unread);
	return unread + tcp_look(p->other, p->port).unsent;
}

short ended(struct peer *p)
{
	struct pollfd look = {.fd = p->fd, .events = POLLRDHUP};

	return poll(&look, 1, 0) > 0 ? look.revents : 0;
}
