#include "verbs.h"

#include "end.h"
#include "kid.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- numbers and addresses --------------------------------------------------------------- */

static int number(const char *word, double least, double most, double *value)
{
	char *rest;

	*value = strtod(word, &rest);
	if (rest == word || *rest || !(*value >= least && *value <= most))
		return fail(EINVAL, "%s: a number from %g to %g belongs here", word, least,
			    most);
	return 0;
}

/* "8080" or "127.0.0.2:8080" */
static int address(const char *word, struct sockaddr_in *a)
{
	const char *colon = strrchr(word, ':');
	char ip[INET_ADDRSTRLEN] = "127.0.0.1";
	double port;

	if (colon && (size_t)(colon - word) < sizeof(ip)) {
		memcpy(ip, word, colon - word);
		ip[colon - word] = '\0';
	}
	*a = (struct sockaddr_in){.sin_family = AF_INET};
	if (inet_pton(AF_INET, ip, &a->sin_addr) != 1)
		return fail(EINVAL, "%s: an address looks like 127.0.0.1:8080", word);
	if (number(colon ? colon + 1 : word, 0, 65535, &port) < 0)
		return -1;
	a->sin_port = htons((unsigned short)port);
	return 0;
}

/* The name of a socket stands for the address it is bound to. */
static int target(const char *word, struct sockaddr_in *a)
{
	struct end *e;

	if (word[0] >= '0' && word[0] <= '9')
		return address(word, a);
	e = end_find_any(word);
	if (!e)
		return -1;
	*a = e->local;
	return 0;
}

static void put_address(FILE *out, const char *key, const struct sockaddr_in *a)
{
	char ip[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &a->sin_addr, ip, sizeof(ip));
	fprintf(out, "%s=%s:%u", key, ip, ntohs(a->sin_port));
}

static void put_ends(FILE *out, const struct end *e)
{
	put_address(out, "local", &e->local);
	if (e->peer.sin_port)
		put_address(out, " peer", &e->peer);
}

/* ---- opening ----------------------------------------------------------------------------- */

/* Takes the value of KEY=VALUE words that belong to the verb itself, not to the socket. */
static const char *value_of(const char *word, const char *key)
{
	size_t n = strlen(key);

	return strncmp(word, key, n) == 0 ? word + n : NULL;
}

static int bind_to(struct end *e, const char *where)
{
	struct sockaddr_in a;

	if (address(where, &a) < 0)
		return -1;
	if (bind(e->fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return fail_errno("bind");
	end_learn(e);
	return 0;
}

/* What was begun and failed leaves nothing open. */
static int undo(struct end *e)
{
	end_close(e);
	return -1;
}

static int do_bind(struct words *w, FILE *out)
{
	struct end *e = end_create(w->word[1]);

	if (!e || end_open(e) < 0)
		return -1;
	for (int i = 3; i < w->n; i++)
		if (end_option(e, w->word[i]) < 0)
			return undo(e);
	if (bind_to(e, w->word[2]) < 0)
		return undo(e);
	put_ends(out, e);
	return 0;
}

static int listen_now(struct end *e, int backlog)
{
	if (listen(e->fd, backlog) < 0)
		return fail_errno("listen");
	e->listens = true;
	end_learn(e);
	return 0;
}

/* Options come before bind and listen: accepted sockets inherit them, SO_RCVBUF in time for
 * the window that the handshake offers. */
static int do_listen(struct words *w, FILE *out)
{
	bool has_port = w->n > 2 && w->word[2][0] >= '0' && w->word[2][0] <= '9';
	struct end *e = end_find_any(w->word[1]);
	bool bound = e && e->fd >= 0;
	double backlog = SOMAXCONN;

	if (!bound && (!(e = end_create(w->word[1])) || end_open(e) < 0))
		return -1;
	for (int i = has_port ? 3 : 2; i < w->n; i++) {
		const char *v = value_of(w->word[i], "backlog=");

		if (v ? number(v, 0, 65535, &backlog) : end_option(e, w->word[i]))
			return bound ? -1 : undo(e);
	}
	if (!bound && bind_to(e, has_port ? w->word[2] : "0") < 0)
		return undo(e);
	if (listen_now(e, (int)backlog) < 0)
		return bound ? -1 : undo(e);
	put_ends(out, e);
	return 0;
}

static int connect_now(struct end *e, bool nowait)
{
	int flag = nowait;
	int r;

	ioctl(e->fd, FIONBIO, &flag);
	r = connect(e->fd, (struct sockaddr *)&e->peer, sizeof(e->peer));
	flag = 0;
	if (r < 0 && !(nowait && errno == EINPROGRESS))
		return fail_errno("connect");
	ioctl(e->fd, FIONBIO, &flag);
	end_learn(e);
	return 0;
}

static int do_connect(struct words *w, FILE *out)
{
	struct end *e = end_find_any(w->word[1]);
	bool bound = e && e->fd >= 0, nowait = false;
	struct sockaddr_in to;

	if (target(w->word[2], &to) < 0)
		return -1;
	if (!bound && (!(e = end_create(w->word[1])) || end_open(e) < 0))
		return -1;
	e->peer = to;
	for (int i = 3; i < w->n; i++) {
		const char *from = value_of(w->word[i], "from=");

		if (strcmp(w->word[i], "nowait") == 0)
			nowait = true;
		else if (from ? bind_to(e, from) : end_option(e, w->word[i]))
			return bound ? -1 : undo(e);
	}
	if (connect_now(e, nowait) < 0)
		return bound ? -1 : undo(e);
	put_ends(out, e);
	return 0;
}

static int do_accept(struct words *w, FILE *out)
{
	struct end *listener = end_find(w->word[2]), *e;
	int fd;

	if (!listener || !(e = end_create(w->word[1])))
		return -1;
	fd = accept(listener->fd, NULL, NULL);
	if (fd < 0)
		return fail_errno("accept");
	if (end_adopt(e, fd) < 0)
		return -1;
	put_ends(out, e);
	return 0;
}

static int do_dup(struct words *w, FILE *out)
{
	struct end *old = end_find(w->word[2]), *e;

	(void)out;
	if (!old || !(e = end_create(w->word[1])))
		return -1;
	e->local = old->local;
	e->peer = old->peer;
	e->listens = old->listens;
	e->fd = dup(old->fd);
	return e->fd < 0 ? fail_errno("dup") : 0;
}

static int do_set(struct words *w, FILE *out)
{
	struct end *e = end_find(w->word[1]);

	(void)out;
	if (!e)
		return -1;
	for (int i = 2; i < w->n; i++)
		if (end_option(e, w->word[i]) < 0)
			return -1;
	return 0;
}

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

static int do_send(struct words *w, FILE *out)
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

static int do_read(struct words *w, FILE *out)
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

static int do_drain(struct words *w, FILE *out)
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

static int do_expect(struct words *w, FILE *out)
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
static int do_find(struct words *w, FILE *out)
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

/* ---- closing ----------------------------------------------------------------------------- */

static int do_shutdown(struct words *w, FILE *out)
{
	static const char *const ways[] = {"rd", "wr", "rdwr"}; /* SHUT_RD is 0, and so on */
	struct end *e = end_find(w->word[1]);
	const char *way = w->n > 2 ? w->word[2] : "wr";

	(void)out;
	if (!e)
		return -1;
	end_learn(e);
	for (int i = SHUT_RD; i <= SHUT_RDWR; i++)
		if (strcmp(way, ways[i]) == 0)
			return shutdown(e->fd, i) < 0 ? fail_errno("shutdown") : 0;
	return fail(EINVAL, "shutdown rd, wr or rdwr");
}

static int do_close(struct words *w, FILE *out)
{
	(void)out;
	for (int i = 1; i < w->n; i++) {
		struct end *e = end_find(w->word[i]);

		if (!e)
			return -1;
		end_close(e);
	}
	return 0;
}

static int do_reset(struct words *w, FILE *out)
{
	struct end *e = end_find(w->word[1]);

	(void)out;
	if (!e || end_option(e, "linger=0") < 0)
		return -1;
	end_close(e);
	return 0;
}

/* ---- the cable --------------------------------------------------------------------------- */

/* A filter program of one instruction, "return 0 bytes", throws away each segment that comes
 * in: the socket is as if its cable had been pulled, and nobody is told. */
static int do_mute(struct words *w, FILE *out)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = {1, &nothing};
	struct end *e = end_find(w->word[1]);

	(void)out;
	if (!e)
		return -1;
	if (setsockopt(e->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0)
		return fail_errno("SO_ATTACH_FILTER");
	return 0;
}

static int do_heal(struct words *w, FILE *out)
{
	struct end *e = end_find(w->word[1]);
	int unused = 0;

	(void)out;
	if (!e)
		return -1;
	if (setsockopt(e->fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused)) < 0)
		return fail_errno("SO_DETACH_FILTER");
	return 0;
}

/* ---- waiting and looking ----------------------------------------------------------------- */

struct wanted {
	struct end *end;
	bool other;
	int state; /* or one of: */
	bool sent, read, readable;
	struct diag seen;
};

/* "NAME", or "NAME.peer" for the other end of its connection */
static int which(const char *word, struct wanted *x)
{
	char name[64];
	size_t n = strcspn(word, ".");

	if (n >= sizeof(name))
		return fail(EINVAL, "%s is too long", word);
	memcpy(name, word, n);
	name[n] = '\0';
	if (word[n] && strcmp(word + n, ".peer") != 0)
		return fail(EINVAL, "%s: %s or %s.peer", word, name, name);
	x->other = word[n] != '\0';
	x->end = end_find_any(name);
	return x->end ? 0 : -1;
}

static int is_so(void *arg)
{
	struct wanted *x = arg;
	struct pollfd p = {.fd = x->end->fd, .events = POLLIN};
	int unsent = 0;

	if (x->readable)
		return poll(&p, 1, 0) > 0;
	if (x->sent || x->read) {
		if (ioctl(x->end->fd, SIOCOUTQ, &unsent) < 0)
			return fail_errno("SIOCOUTQ");
		if (unsent > 0 || x->sent)
			return unsent == 0;
		if (end_look(x->end, true, &x->seen) < 0)
			return -1;
		return x->seen.state != STATE_CLOSED && x->seen.recvq == 0;
	}
	if (end_look(x->end, x->other, &x->seen) < 0)
		return -1;
	return x->seen.state == x->state;
}

static int do_wait(struct words *w, FILE *out)
{
	const char *what = w->word[2];
	struct wanted x = {.state = state_number(what),
			   .sent = strcmp(what, "sent") == 0,
			   .read = strcmp(what, "read") == 0,
			   .readable = strcmp(what, "readable") == 0};
	double seconds = deadline, began = now();

	if (which(w->word[1], &x) < 0 || (w->n > 3 && number(w->word[3], 0, 1e6, &seconds) < 0))
		return -1;
	if (x.state < 0 && !x.sent && !x.read && !x.readable)
		return fail(EINVAL,
			    "wait for what? a state (FIN_WAIT2 ...), sent, read or readable");
	if (x.state < 0 && (x.other || x.end->fd < 0))
		return fail(EINVAL, "wait %s: of an open socket of ours only", what);
	failure.code = 0;
	if (wait_until(is_so, &x, seconds) == 0) {
		fprintf(out, "after %.3f s", now() - began);
		return 0;
	}
	if (failure.code)
		return -1;
	if (x.state >= 0)
		return fail(ETIME, "%s is in %s and not in %s after %g s", w->word[1],
			    state_name(x.seen.state), what, seconds);
	return fail(ETIME, "%s: not %s after %g s", w->word[1], what, seconds);
}

static const char *const timers[] = {"off", "retransmit", "keepalive", "time-wait", "probe"};

static int do_show(struct words *w, FILE *out)
{
	struct wanted x = {0};
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (which(w->word[1], &x) < 0 || end_look(x.end, x.other, &x.seen) < 0)
		return -1;
	fprintf(out, "state=%s recvq=%u sendq=%u ", state_name(x.seen.state), x.seen.recvq,
		x.seen.sendq);
	put_address(out, "local", &x.seen.local);
	put_address(out, " peer", &x.seen.peer);
	fprintf(out, " timer=%s left=%.1f retries=%d", timers[x.seen.timer % 5],
		x.seen.left_ms / 1000.0, x.seen.retries);
	if (!x.other && x.end->fd >= 0 &&
	    getsockopt(x.end->fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0)
		fprintf(out, " mss=%u pmtu=%u", info.tcpi_snd_mss, info.tcpi_pmtu);
	return 0;
}

/* ---- processes, time, the script itself -------------------------------------------------- */

static int do_fork(struct words *w, FILE *out)
{
	(void)out;
	return kid_fork(w->word[1]);
}

static int do_tell(struct words *w, FILE *out)
{
	(void)out;
	return kid_tell(w, 1);
}

static int do_hear(struct words *w, FILE *out)
{
	return kid_hear(w->word[1], out);
}

static int do_in(struct words *w, FILE *out)
{
	return kid_tell(w, 1) < 0 ? -1 : kid_hear(w->word[1], out);
}

static int do_signal(struct words *w, FILE *out)
{
	(void)out;
	return kid_signal(w->word[1], w->word[2]);
}

static int do_deadline(struct words *w, FILE *out)
{
	double s;

	(void)out;
	return number(w->word[1], 0.001, 1e6, &s) < 0 ? -1 : ends_set_deadline(s);
}

static int do_pause(struct words *w, FILE *out)
{
	double s;

	(void)out;
	if (number(w->word[1], 0, 1e6, &s) < 0)
		return -1;
	pause_for(s);
	return 0;
}

static int do_clock(struct words *w, FILE *out)
{
	static double began;

	if (w->n > 1 && strcmp(w->word[1], "start") != 0)
		return fail(EINVAL, "clock, or clock start");
	if (w->n > 1)
		began = now();
	else
		fprintf(out, "%.3f", now() - began);
	return 0;
}

static int do_print(struct words *w, FILE *out)
{
	for (int i = 1; i < w->n; i++) {
		fwrite(w->word[i], 1, w->len[i], out);
		fputs(i + 1 < w->n ? " " : "", out);
	}
	return 0;
}

static const struct {
	const char *name;
	int code;
} errors[] = {
    {"EADDRINUSE", EADDRINUSE},
    {"EADDRNOTAVAIL", EADDRNOTAVAIL},
    {"ECONNREFUSED", ECONNREFUSED},
    {"ECONNRESET", ECONNRESET},
    {"ECONNABORTED", ECONNABORTED},
    {"EPIPE", EPIPE},
    {"ETIMEDOUT", ETIMEDOUT},
    {"EHOSTUNREACH", EHOSTUNREACH},
    {"ENOTCONN", ENOTCONN},
    {"EPERM", EPERM},
    {"EACCES", EACCES},
    {"EINVAL", EINVAL},
    {"ENODATA", ENODATA},
    {"EPROTO", EPROTO},
    {"ENOENT", ENOENT},
    {"EBADF", EBADF},
    {"deadline", ETIME},
};
enum { ERRORS = sizeof(errors) / sizeof(errors[0]) };

static int do_fails(struct words *w, FILE *out)
{
	struct words rest = *w;
	int wanted = 0;

	for (int i = 0; i < ERRORS; i++)
		if (strcmp(w->word[1], errors[i].name) == 0)
			wanted = errors[i].code;
	if (!wanted)
		return fail(EINVAL, "fails: %s is no error that is known here", w->word[1]);
	rest.n -= 2;
	memmove(rest.word, rest.word + 2, rest.n * sizeof(rest.word[0]));
	memmove(rest.len, rest.len + 2, rest.n * sizeof(rest.len[0]));
	memmove(rest.quoted, rest.quoted + 2, rest.n * sizeof(rest.quoted[0]));
	if (verb_run(&rest, out) == 0)
		return fail(EPROTO, "%s succeeded; it was to fail with %s", rest.word[0],
			    w->word[1]);
	return failure.code == wanted ? 0 : -1;
}

static const struct verb {
	const char *name;
	int least, most; /* words, the verb included */
	int (*run)(struct words *w, FILE *out);
	const char *usage;
} verbs[] = {
    {"bind", 3, 32, do_bind, "bind NAME [ADDRESS:]PORT [OPTION ...]"},
    {"listen", 2, 32, do_listen, "listen NAME [[ADDRESS:]PORT] [backlog=N] [OPTION ...]"},
    {"connect", 3, 32, do_connect,
     "connect NAME [ADDRESS:]PORT|NAME [nowait] [from=PORT] [OPTION ...]"},
    {"accept", 3, 3, do_accept, "accept NAME LISTENER"},
    {"dup", 3, 3, do_dup, "dup NEW NAME"},
    {"set", 3, 32, do_set, "set NAME OPTION ..."},
    {"send", 3, 3, do_send, "send NAME \"text\"|N|full"},
    {"read", 3, 3, do_read, "read NAME N|all"},
    {"expect", 3, 4, do_expect,
     "expect NAME \"text\"|eof|reset|closed [SECONDS]|nothing [SECONDS]"},
    {"find", 3, 3, do_find, "find NAME \"text\""},
    {"drain", 2, 4, do_drain, "drain NAME [N [MILLISECONDS]]"},
    {"shutdown", 2, 3, do_shutdown, "shutdown NAME [rd|wr|rdwr]"},
    {"close", 2, 32, do_close, "close NAME ..."},
    {"reset", 2, 2, do_reset, "reset NAME"},
    {"mute", 2, 2, do_mute, "mute NAME"},
    {"heal", 2, 2, do_heal, "heal NAME"},
    {"wait", 3, 4, do_wait, "wait NAME[.peer] STATE|sent|read|readable [SECONDS]"},
    {"show", 2, 2, do_show, "show NAME[.peer]"},
    {"fork", 2, 2, do_fork, "fork KID"},
    {"in", 3, 32, do_in, "in KID LINE"},
    {"tell", 3, 32, do_tell, "tell KID LINE"},
    {"hear", 2, 2, do_hear, "hear KID"},
    {"signal", 3, 3, do_signal, "signal KID KILL|TERM|STOP|CONT"},
    {"fails", 3, 32, do_fails, "fails ERRNO|deadline LINE"},
    {"deadline", 2, 2, do_deadline, "deadline SECONDS"},
    {"pause", 2, 2, do_pause, "pause SECONDS"},
    {"clock", 1, 2, do_clock, "clock [start]"},
    {"print", 1, 32, do_print, "print WORD ..."},
};
enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

void verbs_help(FILE *out)
{
	for (int i = 0; i < VERBS; i++)
		fprintf(out, "  %s\n", verbs[i].usage);
	fprintf(out, "options: %s\n", end_options());
}

enum speech verb_speech(const struct words *w)
{
	static const char *const lines[] = {"drain", "show", "clock", "print"};
	bool within =
	    w->n > 2 && (strcmp(w->word[0], "in") == 0 || strcmp(w->word[0], "fails") == 0);
	const char *verb = w->n == 0 ? "" : w->word[within ? 2 : 0];

	if (strcmp(verb, "read") == 0 || strcmp(verb, "find") == 0)
		return BYTES;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (strcmp(verb, lines[i]) == 0)
			return LINE;
	return REMARK;
}

int verb_run(struct words *w, FILE *out)
{
	for (const struct verb *v = verbs; v < verbs + VERBS; v++) {
		if (strcmp(v->name, w->word[0]) != 0)
			continue;
		if (w->n < v->least || w->n > v->most)
			return fail(EINVAL, "usage: %s", v->usage);
		return v->run(w, out);
	}
	return fail(EINVAL, "unknown word %s; sock --help lists those there are", w->word[0]);
}
