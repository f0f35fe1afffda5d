/*
 * The verbs that open, set and close: bind listen connect accept dup set,
 * shutdown close reset, mute heal.
 */
#include "end.h"
#include "verbs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- numbers and addresses --------------------------------------------------------------- */

int number(const char *word, double least, double most, double *value)
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

void put_address(FILE *out, const char *key, const struct sockaddr_in *a)
{
	char ip[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &a->sin_addr, ip, sizeof(ip));
	fprintf(out, "%s=%s:%u", key, ip, ntohs(a->sin_port));
}

static void put_ends(FILE *out, const struct end *e)
{
	struct stat s;

	put_address(out, "local", &e->local);
	if (e->peer.sin_port)
		put_address(out, " peer", &e->peer);
	else if (fstat(e->fd, &s) == 0)
		fprintf(out, " inode=%lu", (unsigned long)s.st_ino);
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

int do_bind(struct words *w, FILE *out)
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
int do_listen(struct words *w, FILE *out)
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

int do_connect(struct words *w, FILE *out)
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

int do_accept(struct words *w, FILE *out)
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

int do_dup(struct words *w, FILE *out)
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

int do_set(struct words *w, FILE *out)
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

/* ---- closing ----------------------------------------------------------------------------- */

int do_shutdown(struct words *w, FILE *out)
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

int do_close(struct words *w, FILE *out)
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

int do_reset(struct words *w, FILE *out)
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
 * in: the socket is as if its cable had been pulled, and no packet tells it. */
int do_mute(struct words *w, FILE *out)
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

int do_heal(struct words *w, FILE *out)
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
