#include "end.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { ENDS_MAX = 4096 };

static struct end ends[ENDS_MAX];
static int nends;

struct failure failure;
double deadline = 5;

int fail(int code, const char *format, ...)
{
	va_list args;

	failure.code = code;
	va_start(args, format);
	vsnprintf(failure.text, sizeof(failure.text), format, args);
	va_end(args);
	return -1;
}

int fail_errno(const char *what)
{
	if (errno == EAGAIN || errno == EINPROGRESS)
		return fail(ETIME, "%s: not done after %g s", what, deadline);
	return fail(errno, "%s: %s", what, strerror(errno));
}

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

void pause_for(double seconds)
{
	struct timespec t = {(time_t)seconds, (seconds - (time_t)seconds) * 1e9};

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		continue;
}

/* ---- the table of names ------------------------------------------------------------------ */

static struct end *lookup(const char *name)
{
	for (int i = 0; i < nends; i++)
		if (strcmp(ends[i].name, name) == 0)
			return &ends[i];
	return NULL;
}

struct end *end_find_any(const char *name)
{
	struct end *e = lookup(name);

	if (!e)
		fail(ENOENT, "there is no socket named %s", name);
	return e;
}

struct end *end_find(const char *name)
{
	struct end *e = end_find_any(name);

	if (e && e->fd < 0) {
		fail(EBADF, "%s is closed", name);
		return NULL;
	}
	return e;
}

static bool good_name(const char *name)
{
	const char *letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return strchr(letters, name[0]) && strlen(name) < sizeof(ends[0].name) &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789_-")];
}

struct end *end_create(const char *name)
{
	struct end *e = lookup(name);

	if (!*name || !good_name(name)) {
		fail(EINVAL, "%s is no name for a socket: letters, digits, _ and -", name);
		return NULL;
	}
	if (e && e->fd >= 0) {
		fail(EEXIST, "%s is open already", name);
		return NULL;
	}
	if (!e && nends == ENDS_MAX) {
		fail(EMFILE, "more than %d names", ENDS_MAX);
		return NULL;
	}
	if (!e)
		e = &ends[nends++];
	memset(e, 0, sizeof(*e));
	strcpy(e->name, name);
	e->fd = -1;
	return e;
}

/* ---- the descriptor ---------------------------------------------------------------------- */

static int limit_waits(int fd)
{
	struct timeval t = {(time_t)deadline, (deadline - (time_t)deadline) * 1e6};

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t)) < 0)
		return fail_errno("SO_RCVTIMEO");
	return 0;
}

int ends_set_deadline(double seconds)
{
	deadline = seconds;
	for (int i = 0; i < nends; i++)
		if (ends[i].fd >= 0 && limit_waits(ends[i].fd) < 0)
			return -1;
	return 0;
}

int end_adopt(struct end *e, int fd)
{
	e->fd = fd;
	end_learn(e);
	return limit_waits(fd);
}

int end_open(struct end *e)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		return fail_errno("socket");
	return end_adopt(e, fd);
}

void end_close(struct end *e)
{
	end_learn(e);
	close(e->fd);
	e->fd = -1;
}

void end_learn(struct end *e)
{
	struct sockaddr_in a;
	socklen_t len = sizeof(a);

	if (e->fd >= 0 && getsockname(e->fd, (struct sockaddr *)&a, &len) == 0 && a.sin_port)
		e->local = a;
	len = sizeof(a);
	if (e->fd >= 0 && getpeername(e->fd, (struct sockaddr *)&a, &len) == 0 && a.sin_port)
		e->peer = a;
}

/* ---- options ----------------------------------------------------------------------------- */

static const struct option {
	const char *name;
	int level, option;
	bool flag; /* takes no value */
} options[] = {
    {"reuseaddr", SOL_SOCKET, SO_REUSEADDR, true},
    {"reuseport", SOL_SOCKET, SO_REUSEPORT, true},
    {"rcvbuf", SOL_SOCKET, SO_RCVBUF, false},
    {"sndbuf", SOL_SOCKET, SO_SNDBUF, false},
    {"nodelay", IPPROTO_TCP, TCP_NODELAY, true},
    {"maxseg", IPPROTO_TCP, TCP_MAXSEG, false},
    {"defer-accept", IPPROTO_TCP, TCP_DEFER_ACCEPT, false},
    {"user-timeout", IPPROTO_TCP, TCP_USER_TIMEOUT, false},
    {"linger", SOL_SOCKET, SO_LINGER, false},
    {"keepalive", SOL_SOCKET, SO_KEEPALIVE, false},
};
enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

const char *end_options(void)
{
	static char list[256];

	list[0] = '\0';
	for (int i = 0; i < OPTIONS; i++) {
		strcat(strcat(list, i ? " " : ""), options[i].name);
		strcat(list, options[i].flag ? "" : "=");
	}
	return list;
}

static int set_keepalive(int fd, const char *value)
{
	int on = 1, idle, interval, count;

	if (sscanf(value, "%d,%d,%d", &idle, &interval, &count) != 3)
		return fail(EINVAL, "keepalive=IDLE,INTERVAL,COUNT, in seconds");
	if (setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle)) < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval)) < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count)) < 0)
		return fail_errno("keepalive");
	return 0;
}

static int set_value(int fd, const struct option *o, const char *value)
{
	char *rest = NULL;
	int v = o->flag ? 1 : (int)strtol(value, &rest, 10);
	struct linger linger = {1, v};
	int r;

	if (rest && (rest == value || *rest))
		return fail(EINVAL, "%s=%s: a whole number belongs there", o->name, value);
	if (o->option == SO_LINGER && o->level == SOL_SOCKET)
		r = setsockopt(fd, o->level, o->option, &linger, sizeof(linger));
	else
		r = setsockopt(fd, o->level, o->option, &v, sizeof(v));
	return r < 0 ? fail_errno(o->name) : 0;
}

int end_option(struct end *e, const char *word)
{
	size_t len = strcspn(word, "=");
	const char *value = word[len] ? word + len + 1 : NULL;

	for (const struct option *o = options; o < options + OPTIONS; o++) {
		if (strncmp(o->name, word, len) != 0 || o->name[len])
			continue;
		if (o->flag == (value != NULL))
			return fail(EINVAL, o->flag ? "%s takes no value" : "%s needs a value",
				    o->name);
		if (o->option == SO_KEEPALIVE && o->level == SOL_SOCKET)
			return set_keepalive(e->fd, value);
		return set_value(e->fd, o, value);
	}
	return fail(EINVAL, "no option is called %.*s; there are: %s", (int)len, word,
		    end_options());
}

/* ---- looking and waiting ----------------------------------------------------------------- */

int end_look(struct end *e, bool other, struct diag *d)
{
	struct sockaddr_in no_peer = {.sin_family = AF_INET};
	const struct sockaddr_in *local, *peer;

	end_learn(e);
	local = other ? &e->peer : &e->local;
	peer = e->listens ? &no_peer : other ? &e->local : &e->peer;
	memset(d, 0, sizeof(*d));
	d->local = *local;
	d->peer = *peer;
	d->state = STATE_CLOSED;
	if (!local->sin_port || (!e->listens && !peer->sin_port))
		return 0;
	if (diag_find(local, peer, d) < 0 && errno != ENOENT)
		return fail_errno("sock_diag");
	return 0;
}

int wait_until(int (*true_now)(void *), void *arg, double seconds)
{
	double end = now() + seconds, step = 0.0002;
	int answer;

	while ((answer = true_now(arg)) == 0) {
		if (now() > end)
			return -1;
		pause_for(step);
		if (step < 0.005)
			step *= 1.5;
	}
	return answer < 0 ? -1 : 0;
}
