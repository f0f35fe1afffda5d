#include "verbs.h"

#include "end.h"
#include "kid.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

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
	fprintf(out, " timer=%s left=%.1f retries=%d inode=%u", timers[x.seen.timer % 5],
		x.seen.left_ms / 1000.0, x.seen.retries, x.seen.inode);
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
