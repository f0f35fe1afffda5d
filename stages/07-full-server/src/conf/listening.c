#include "conf/listening.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Returns true if a block of another kind already listens on this address. One socket cannot
 * serve both HTTP and packets. Port 0 is never taken, because the kernel chooses a new port
 * each time. */
static bool is_taken(const struct listening *list, const struct address *a)
{
	bool any_port = address_port(&a->any) == 0 && a->any.sa_family != AF_UNIX;

	for (const struct listening *l = list; l != NULL && !any_port; l = l->next)
		if (address_equal(&l->address, a))
			return true;
	return false;
}

static int check(struct conf *cf, const struct address *a, const struct listen_options *o)
{
	char text[ADDRESS_TEXT];

	address_print_port(&a->any, text);
	if (is_taken(*cf->listening, a))
		return conf_fail(cf, "%s is listened on already", text);
	if (o->reuseport && a->any.sa_family == AF_UNIX)
		return conf_fail(cf,
				 "\"reuseport\" is for addresses with a port: %s has one socket "
				 "for all workers",
				 text);
	return 0;
}

struct listening *listening_add(struct conf *cf, const struct address *a,
				const struct listen_options *o)
{
	struct listening *l = pool_zalloc(cf->pool, sizeof(*l)), **end = cf->listening;

	if (l == NULL)
		conf_no_memory(cf);
	if (l == NULL || check(cf, a, o) < 0)
		return NULL;
	l->address = *a;
	l->options = *o;
	/* A test (-t) must not open a second socket for this port while the server runs: the
	 * kernel would give some clients to this socket. */
	l->options.reuseport = o->reuseport && !cf->testing;
	l->scheme = "";
	l->file = cf->file;
	l->line = cf->line;
	address_print_port(&a->any, l->text);
	while (*end != NULL)
		end = &(*end)->next;
	*end = l;
	return l;
}

/* ---- sockets */

static void forget_port(struct address *a)
{
	if (a->any.sa_family == AF_INET)
		a->in.sin_port = 0;
	if (a->any.sa_family == AF_INET6)
		a->in6.sin6_port = 0;
}

/* Returns true if the open socket `fd` can be used for this address. Port 0 means any port, so
 * a socket that an earlier configuration opened for port 0 fits. */
static bool socket_fits(int fd, const struct address *wanted)
{
	struct address there;

	if (fd < 0 || net_local_address(fd, &there) < 0)
		return false;
	if (address_port(&wanted->any) == 0)
		forget_port(&there);
	return address_equal(&there, wanted);
}

/* Returns a copy of an open descriptor that fits, or -1. Each configuration has its own copy,
 * so that it can close this copy. */
static int inherit(struct conf *cf, const struct listening *l)
{
	for (size_t i = 0; i < cf->inherited_count; i++) {
		int fd;

		if (!socket_fits(cf->inherited[i], &l->address))
			continue;
		fd = fcntl(cf->inherited[i], F_DUPFD_CLOEXEC, 3);
		cf->inherited[i] = -1;
		if (fd >= 0)
			net_listen_again(fd, &l->address, &l->options);
		return fd;
	}
	return -1;
}

/* Forgets the inherited sockets of this address that are not needed. There are such sockets
 * when the old configuration had more workers, and so more sockets. If they stayed in the list,
 * another address with port 0 could take them. */
static void forget_rest(struct conf *cf, const struct listening *l)
{
	for (size_t i = 0; i < cf->inherited_count; i++)
		if (socket_fits(cf->inherited[i], &l->address))
			cf->inherited[i] = -1;
}

static int socket_open(struct conf *cf, const struct listening *l)
{
	int fd = inherit(cf, l);

	return fd >= 0 ? fd : net_listen(&l->address, &l->options);
}

static const char *what_to_do(int error)
{
	switch (error) {
	case EADDRINUSE:
		return "; stop what listens on it (ss -ltnp) or take another port";
	case EACCES:
		return "; ports below 1024 are root's";
	default:
		return "";
	}
}

static int open_failed(struct conf *cf, const struct listening *l)
{
	if (cf->testing && errno == EADDRINUSE)
		return 0;
	cf->file = l->file;
	cf->line = l->line;
	return conf_fail(cf, "bind() to %s failed: %s (%d)%s", l->text, strerror(errno), errno,
			 what_to_do(errno));
}

static int open_all_of(struct conf *cf, struct listening *l, size_t count)
{
	l->fds = pool_array(cf->pool, count, sizeof(*l->fds));
	if (l->fds == NULL)
		return conf_no_memory(cf);
	for (l->count = 0; l->count < count; l->count++) {
		int fd = socket_open(cf, l);

		if (fd < 0)
			return open_failed(cf, l);
		l->fds[l->count] = fd;
		/* for port 0: the port that the kernel has chosen */
		net_local_address(fd, &l->address);
		address_print_port(&l->address.any, l->text);
	}
	forget_rest(cf, l);
	return 0;
}

int listening_open(struct conf *cf, struct listening *list, size_t workers)
{
	size_t total = 0;

	for (struct listening *l = list; l != NULL; l = l->next) {
		size_t count = l->options.reuseport ? workers : 1;

		total += count;
		if (total > LISTENING_MOST)
			return conf_fail(cf,
					 "more than %d listening sockets: fewer addresses, or "
					 "fewer workers for \"reuseport\"",
					 (int)LISTENING_MOST);
		if (open_all_of(cf, l, count) < 0)
			return -1;
	}
	return 0;
}

void listening_close(struct listening *list)
{
	for (struct listening *l = list; l != NULL; l = l->next)
		while (l->count > 0)
			close(l->fds[--l->count]);
}

void listening_remove(const struct listening *list)
{
	for (const struct listening *l = list; l != NULL; l = l->next)
		if (l->count > 0 && l->address.any.sa_family == AF_UNIX)
			unlink(l->address.un.sun_path);
}

size_t listening_sockets(const struct listening *list, int *fds, size_t room)
{
	size_t count = 0;

	for (const struct listening *l = list; l != NULL; l = l->next)
		for (size_t i = 0; i < l->count && count < room; i++)
			fds[count++] = l->fds[i];
	return count;
}

/* ---- for a process that serves */

/*
 * Closes the sockets of the other workers in this process. The master keeps them open for
 * workers that start later. If they stayed open here, the socket of a worker that has ended
 * would never close, and the kernel would go on giving it clients that no process accepts.
 */
static void keep_own_socket(struct listening *l, size_t worker)
{
	int own = l->fds[worker % l->count];

	while (l->count > 0)
		if (l->fds[--l->count] != own)
			close(l->fds[l->count]);
	l->fds[l->count++] = own;
}

static void take_role(struct listening *l, const struct listening_role *role)
{
	bool shared = l->count < role->workers;

	keep_own_socket(l, role->worker);
	l->listener = (struct listener){
	    .fd = l->fds[0],
	    .on_accept = l->on_accept,
	    .owner = l->owner,
	    .multi = role->multi_accept,
	    .shared = shared,
	};
}

int listening_accept(struct listening *list, const struct listening_role *role)
{
	for (struct listening *l = list; l != NULL; l = l->next) {
		take_role(l, role);
		if (accept_start(&l->listener) < 0)
			return -1;
	}
	return 0;
}

/* When a socket is closed, the kernel resets the clients in its queue, so they are accepted
 * before. A shared socket stays open in other processes, which accept the clients in its queue. */
void listening_stop(struct listening *list)
{
	for (struct listening *l = list; l != NULL; l = l->next) {
		if (!l->listener.shared)
			accept_waiting(&l->listener);
		accept_stop(&l->listener);
	}
}
