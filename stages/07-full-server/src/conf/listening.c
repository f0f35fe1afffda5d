#include "conf/listening.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* By somebody else: http and packets cannot come to one socket. Port 0 is another each time. */
static bool is_taken(const struct listening *list, const struct address *a)
{
	bool any_port = address_port(&a->any) == 0 && a->any.sa_family != AF_UNIX;

	for (const struct listening *l = list; l != NULL && !any_port; l = l->next)
		if (address_equal(&l->address, a))
			return true;
	return false;
}

struct listening *listening_add(struct conf *cf, const struct address *a,
				const struct listen_options *o)
{
	struct listening *l = pool_zalloc(cf->pool, sizeof(*l)), **end = cf->listening;

	if (l == NULL) {
		conf_no_memory(cf);
		return NULL;
	}
	if (is_taken(*cf->listening, a)) {
		address_print_port(&a->any, l->text);
		conf_fail(cf, "%s is listened on already", l->text);
		return NULL;
	}
	l->address = *a;
	l->options = *o;
	l->scheme = "";
	address_print_port(&a->any, l->text);
	while (*end != NULL)
		end = &(*end)->next;
	*end = l;
	return l;
}

/* ---- sockets */

/* Port 0 wants any port, and is content with the one it was given before. */
static bool socket_fits(int fd, const struct address *wanted)
{
	struct address there;

	if (fd < 0 || net_local_address(fd, &there) < 0)
		return false;
	if (address_port(&wanted->any) == 0 && wanted->any.sa_family == AF_INET &&
	    there.any.sa_family == AF_INET)
		there.in.sin_port = 0;
	return address_equal(&there, wanted);
}

/* A copy, so that the old configuration and the new one can each close theirs. */
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

static int socket_open(struct conf *cf, const struct listening *l)
{
	int fd = inherit(cf, l);

	return fd >= 0 ? fd : net_listen(&l->address, &l->options);
}

static int open_failed(struct conf *cf, const struct listening *l)
{
	if (cf->testing && errno == EADDRINUSE)
		return 0;
	cf->file = STR("listen");
	cf->line = 0;
	return conf_fail(cf, "bind() to %s failed: %s (%d)", l->text, strerror(errno), errno);
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
		net_local_address(fd, &l->address); /* port 0: the kernel has chosen one */
		address_print_port(&l->address.any, l->text);
	}
	return 0;
}

int listening_open(struct conf *cf, struct listening *list, size_t workers)
{
	for (struct listening *l = list; l != NULL; l = l->next)
		if (open_all_of(cf, l, l->options.reuseport ? workers : 1) < 0)
			return -1;
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
		if (l->address.any.sa_family == AF_UNIX)
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

/* ---- in a process that serves */

/* One socket, several who wait for it: a newcomer wakes one of them. */
static void take_role(struct listening *l, const struct listening_role *role)
{
	l->listener = (struct listener){
	    .fd = l->fds[role->worker % l->count],
	    .on_accept = l->on_accept,
	    .owner = l->owner,
	    .multi = role->multi_accept,
	    .exclusive = l->count < role->workers,
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

void listening_stop(struct listening *list)
{
	for (struct listening *l = list; l != NULL; l = l->next)
		accept_stop(&l->listener);
}
