/*
 * The verbs that move bytes: send, and read drain expect find.
 */
#include "end.h"
#include "verbs.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* ---- sending ----------------------------------------------------------------------------- */

static int send_all(struct end *e, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(e->fd, bytes, n, MSG_NOSIGNAL);

		if (sent < 0)
			return fail_errno("send");
		bytes += sent;
		n -= sent;
	}
	return 0;
}

/* "abcdefghij..." so that a reader can see where it is */
static char *pattern(size_t n)
{
	static char bytes[1 << 16];

	for (size_t i = 0; i < sizeof(bytes) && i < n; i++)
		bytes[i] = (char)('a' + i % 26);
	return bytes;
}

static int send_count(struct end *e, size_t n)
{
	for (size_t piece; n > 0; n -= piece) {
		piece = n < 1 << 16 ? n : 1 << 16;
		if (send_all(e, pattern(piece), piece) < 0)
			return -1;
	}
	return 0;
}

/* Until the kernel takes no more: EAGAIN, and no room in the next 50 ms either. */
static int send_full(struct end *e, FILE *out)
{
	struct pollfd p = {.fd = e->fd, .events = POLLOUT};
	size_t total = 0;

	do {
		ssize_t n = send(e->fd, pattern(1 << 16), 1 << 16, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno != EAGAIN)
			return fail_errno("send");
		total += n > 0 ? n : 0;
	} while (poll(&p, 1, 50) > 0);
	fprintf(out, "%zu bytes", total);
	return 0;
}

int do_send(struct words *w, FILE *out)
{
	struct end *e = end_find(w->word[1]);
	double n;

	if (!e)
		return -1;
	if (w->quoted[2])
		return send_all(e, w->word[2], w->len[2]);
	if (strcmp(w->word[2], "full") == 0)
		return send_full(e, out);
	if (number(w->word[2], 0, 1e12, &n) < 0)
		return fail(EINVAL, "send what? \"text\", a number of bytes, or full");
	return send_count(e, (size_t)n);
}

/* ---- reading ----------------------------------------------------------------------------- */

/* Copies up to N bytes (0: all, to the end of file) to OUT. */
static int copy(struct end *e, size_t n, FILE *out)
{
	char bytes[1 << 14];
	bool all = n == 0;

	while (all || n > 0) {
		size_t piece = all || n > sizeof(bytes) ? sizeof(bytes) : n;
		ssize_t got = recv(e->fd, bytes, piece, 0);

		if (got < 0)
			return fail_errno("read");
		if (got == 0)
			return all ? 0 : fail(ENODATA, "read: end of file, %zu bytes short", n);
		fwrite(bytes, 1, got, out);
		n -= all ? 0 : got;
	}
	return 0;
}

int do_read(struct words *w, FILE *out)
{
	struct end *e = end_find(w->word[1]);
	double n = 0;

	if (!e)
		return -1;
	if (w->n > 2 && strcmp(w->word[2], "all") == 0)
		return copy(e, 0, out);
	if (number(w->word[2], 1, 1e9, &n) < 0)
		return -1;
	return copy(e, (size_t)n, out);
}

int do_drain(struct words *w, FILE *out)
{
	struct end *e = end_find(w->word[1]);
	double piece = 1 << 14, ms = 0;
	static char bytes[1 << 20];
	size_t total = 0;
	ssize_t n;

	if (!e || (w->n > 2 && number(w->word[2], 1, sizeof(bytes), &piece) < 0) ||
	    (w->n > 3 && number(w->word[3], 0, 10000, &ms) < 0))
		return -1;
	while ((n = recv(e->fd, bytes, (size_t)piece, 0)) > 0) {
		total += n;
		if (ms > 0)
			pause_for(ms / 1000);
	}
	fprintf(out, "%zu bytes", total);
	if (n < 0) {
		char what[64];

		snprintf(what, sizeof(what), "after %zu bytes", total);
		return fail_errno(what);
	}
	return 0;
}

/* "we wanted TEXT, but got ...": what came, and what else is there to be read */
static int mismatch(struct end *e, const char *wanted, size_t n, const char *came, size_t len)
{
	char more[60], *text = NULL;
	ssize_t rest = recv(e->fd, more, sizeof(more), MSG_DONTWAIT);
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("expected \"", out);
	text_escape(out, wanted, n);
	fputs("\", but got \"", out);
	text_escape(out, came, len);
	text_escape(out, more, rest > 0 ? rest : 0);
	fputs("\"", out);
	fclose(out);
	fail(EPROTO, "%s", text);
	free(text);
	return -1;
}

static int expect_text(struct end *e, const char *text, size_t n)
{
	char came[1 << 12];

	if (n > sizeof(came))
		return fail(EINVAL, "expect takes at most %zu bytes", sizeof(came));
	for (size_t i = 0; i < n; i++) {
		ssize_t got = recv(e->fd, came + i, 1, 0);

		if (got < 0 && i == 0)
			return fail_errno("expect");
		if (got <= 0)
			return mismatch(e, text, n, came, i);
		if (came[i] != text[i])
			return mismatch(e, text, n, came, i + 1);
	}
	return 0;
}

/* What comes instead of data: end of file, a reset, or nothing at all. */
static int expect_end(struct end *e, const char *what, double seconds)
{
	bool nothing = strcmp(what, "nothing") == 0, closed = strcmp(what, "closed") == 0;
	struct pollfd p = {.fd = e->fd, .events = POLLIN};
	char byte;
	ssize_t n;

	if (poll(&p, 1, (int)(seconds * 1000)) == 0)
		return nothing ? 0 : fail(ETIME, "expect %s: nothing in %g s", what, seconds);
	n = recv(e->fd, &byte, 1, 0);
	if (n > 0)
		return mismatch(e, what, strlen(what), &byte, 1);
	if (n == 0 && (closed || strcmp(what, "eof") == 0))
		return 0;
	if (n < 0 && errno == ECONNRESET && (closed || strcmp(what, "reset") == 0))
		return 0;
	return n == 0 ? fail(ENODATA, "expected %s, but got end of file", what)
		      : fail(errno, "expected %s, but got: %s", what, strerror(errno));
}

int do_expect(struct words *w, FILE *out)
{
	struct end *e = end_find(w->word[1]);
	double seconds = deadline;

	(void)out;
	if (!e)
		return -1;
	if (w->quoted[2])
		return expect_text(e, w->word[2], w->len[2]);
	if (strcmp(w->word[2], "nothing") == 0)
		seconds = 0.2;
	else if (strcmp(w->word[2], "eof") != 0 && strcmp(w->word[2], "reset") != 0 &&
		 strcmp(w->word[2], "closed") != 0)
		return fail(EINVAL, "expect what? \"text\", eof, reset, closed or nothing");
	if (w->n > 3 && number(w->word[3], 0, 1e6, &seconds) < 0)
		return -1;
	return expect_end(e, w->word[2], seconds);
}

/* Byte by byte, so that what follows the text is still there for the next read. */
int do_find(struct words *w, FILE *out)
{
	struct end *e = end_find(w->word[1]);
	char *text = NULL;
	size_t size = 0, n = w->len[2];
	FILE *read = open_memstream(&text, &size);
	int r = 0;

	if (!e || !read)
		return -1;
	while (r == 0 && (size < n || memcmp(text + size - n, w->word[2], n) != 0)) {
		r = copy(e, 1, read);
		fflush(read);
	}
	fwrite(text, 1, size, out);
	fclose(read);
	free(text);
	return r;
}
