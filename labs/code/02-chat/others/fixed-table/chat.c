/* Another way: one fixed table, a ring for what is kept, lines collected a byte at a time. */
#include "client.h"
#include "variant.h"
#include "words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum state { FREE, NAMELESS, TALKS, LEAVES };

static struct slot {
	enum state state;
	char name[NAME_MOST + 1], line[LINE_MOST + 2], *ring;
	size_t length, from, kept;
} slots[FD_SETSIZE];

static fd_set watched; /* all that are there */
static int listening;

static void leave(int fd)
{
	if (slots[fd].state != FREE)
		slots[fd].state = LEAVES;
}

static void ring_flush(int fd)
{
	struct slot *s = &slots[fd];
	size_t first = s->from + s->kept > UNSENT_MOST ? UNSENT_MOST - s->from : s->kept;
	struct iovec v[2] = {{s->ring + s->from, first}, {s->ring, s->kept - first}};
	struct msghdr m = {.msg_iov = v, .msg_iovlen = 2};
	ssize_t n = sendmsg(fd, &m, MSG_DONTWAIT);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		leave(fd);
	if (n > 0) {
		s->from = (s->from + (size_t)n) % UNSENT_MOST;
		s->kept -= (size_t)n;
	}
}

static void put(int fd, const char *text)
{
	struct slot *s = &slots[fd];
	size_t n = strlen(text), done = 0;

	if (s->state == LEAVES || s->state == FREE)
		return;
	if (s->kept == 0) {
		ssize_t sent = send(fd, text, n, MSG_DONTWAIT);

		if (sent < 0 && errno != EAGAIN && errno != EINTR) {
			leave(fd);
			return;
		}
		done = sent > 0 ? (size_t)sent : 0;
	}
	if (s->kept + n - done > UNSENT_MOST) {
		leave(fd);
		return;
	}
	for (; done < n; done++)
		s->ring[(s->from + s->kept++) % UNSENT_MOST] = text[done];
}

static void put_others(int but, const char *text)
{
	for (int fd = 0; fd < FD_SETSIZE; fd++)
		if (fd != but && slots[fd].state == TALKS)
			put(fd, text);
}

static int called(const char *name)
{
	for (int fd = 0; fd < FD_SETSIZE; fd++)
		if (slots[fd].state == TALKS && strcmp(slots[fd].name, name) == 0)
			return fd;
	return -1;
}

static void line_done(int fd)
{
	struct slot *s = &slots[fd];
	char out[LINE_MOST + NAME_MOST + 64];
	struct words w;
	int to;

	if (s->length && s->line[s->length - 1] == '\r')
		s->length--;
	s->line[s->length] = '\0';
	s->length = 0;
	w = words_read(s->line);
	if (w.said == SAID_BYE) {
		leave(fd);
	} else if (w.said == SAID_NAME && s->state == NAMELESS && w.name && called(w.name) < 0) {
		strcpy(s->name, w.name);
		s->state = TALKS;
		snprintf(out, sizeof out, "%s %s\n", WORD_WELCOME, s->name);
		put(fd, out);
		snprintf(out, sizeof out, "%s%s\n", SIGN_COMES, s->name);
		put_others(fd, out);
	} else if (w.said == SAID_SAY && s->state == TALKS) {
		snprintf(out, sizeof out, "%s: %s\n", s->name, w.text);
		put_others(fd, out);
	} else if (w.said == SAID_TO && s->state == TALKS && w.name && (to = called(w.name)) >= 0) {
		snprintf(out, sizeof out, "%s: %s\n", s->name, w.text);
		put(to, out);
	} else {
		put(fd, "?\n");
	}
}

static void ring_read(int fd)
{
	struct slot *s = &slots[fd];
	char bytes[4096];
	ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		leave(fd);
	for (ssize_t i = 0; i < n && s->state != LEAVES; i++) {
		if (bytes[i] == '\n') {
			line_done(fd);
		} else if (s->length > LINE_MOST || (s->length == LINE_MOST && bytes[i] != '\r')) {
			put(fd, "? too long\n");
			leave(fd);
		} else {
			s->line[s->length++] = bytes[i];
		}
	}
}

static void slot_end(int fd)
{
	struct slot *s = &slots[fd];
	char out[NAME_MOST + 8];

	s->state = FREE;
	FD_CLR(fd, &watched);
	close(fd);
	free(s->ring);
	if (!*s->name || stopping)
		return;
	snprintf(out, sizeof out, "%s%s\n", SIGN_LEAVES, s->name);
	put_others(fd, out);
}

static void slot_begin(void)
{
	int fd = accept(listening, NULL, NULL);

	if (fd < 0)
		return;
	if (fd >= FD_SETSIZE) {
		close(fd);
		return;
	}
	memset(&slots[fd], 0, sizeof slots[fd]);
	slots[fd].ring = malloc(UNSENT_MOST);
	if (!slots[fd].ring) {
		close(fd);
		return;
	}
	slots[fd].state = NAMELESS;
	FD_SET(fd, &watched);
}

/* From the beginning until a walk ends nothing: telling it can make others leave. */
static void leavers_end(void)
{
	for (int fd = 0; fd < FD_SETSIZE; fd++)
		if (slots[fd].state == LEAVES) {
			slot_end(fd);
			fd = -1;
		}
}

void chat_run(int listener)
{
	listening = listener;
	FD_SET(listener, &watched);
	while (!stopping) {
		fd_set in = watched, out;

		FD_ZERO(&out);
		for (int fd = 0; fd < FD_SETSIZE; fd++)
			if (slots[fd].state != FREE && slots[fd].kept)
				FD_SET(fd, &out);
		if (select(FD_SETSIZE, &in, &out, NULL, NULL) <= 0)
			continue;
		for (int fd = 0; fd < FD_SETSIZE; fd++) {
			if (slots[fd].state != FREE && FD_ISSET(fd, &out))
				ring_flush(fd);
			if (slots[fd].state != FREE && FD_ISSET(fd, &in))
				ring_read(fd);
		}
		leavers_end();
		if (FD_ISSET(listener, &in))
			slot_begin();
	}
	for (int fd = 0; fd < FD_SETSIZE; fd++)
		if (slots[fd].state != FREE)
			slot_end(fd);
	close(listener);
}
