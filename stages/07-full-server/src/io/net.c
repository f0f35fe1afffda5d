#include "io/net.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

static void set_option(int fd, int level, int name, int value)
{
	/* The result is ignored: if the system refuses an option, the socket works without it. */
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}

static void set_keepalive(int fd, const struct listen_options *o)
{
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, o->keepalive);
	if (o->keepalive_idle > 0)
		set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, o->keepalive_idle);
	if (o->keepalive_interval > 0)
		set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, o->keepalive_interval);
	if (o->keepalive_count > 0)
		set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, o->keepalive_count);
}

static void set_listen_options(int fd, const struct address *a, const struct listen_options *o)
{
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (a->any.sa_family != AF_UNIX)
		set_option(fd, SOL_SOCKET, SO_REUSEPORT, o->reuseport);
	if (a->any.sa_family == AF_INET6)
		set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, o->ipv6only);
	if (o->rcvbuf > 0)
		set_option(fd, SOL_SOCKET, SO_RCVBUF, o->rcvbuf);
	if (o->sndbuf > 0)
		set_option(fd, SOL_SOCKET, SO_SNDBUF, o->sndbuf);
	if (o->keepalive_set)
		set_keepalive(fd, o);
	if (o->deferred)
		set_option(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 1);
	if (a->any.sa_family != AF_UNIX)
		/* accepted sockets inherit this option */
		set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

/* Removes the socket file of a server that was killed. If this file stayed, bind would always
 * fail. */
static void remove_dead_unix_socket(const struct address *a)
{
	int fd;
	struct stat st;

	/* connect also fails with ECONNREFUSED for a plain file, which must not be deleted */
	if (lstat(a->un.sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, &a->any, a->len) < 0 && errno == ECONNREFUSED)
		unlink(a->un.sun_path);
	close(fd);
}

static int close_and_fail(int fd)
{
	int error = errno;

	close(fd);
	errno = error;
	return -1;
}

int net_listen(const struct address *a, const struct listen_options *o)
{
	int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (a->any.sa_family == AF_UNIX)
		remove_dead_unix_socket(a);
	set_listen_options(fd, a, o);
	if (bind(fd, &a->any, a->len) < 0 || listen(fd, o->backlog) < 0)
		return close_and_fail(fd);
	/* All users may open the socket file: the permissions of its folder decide which users may
	 * connect. */
	if (a->any.sa_family == AF_UNIX)
		(void)chmod(a->un.sun_path, 0666);
	return fd;
}

void net_listen_again(int fd, const struct address *a, const struct listen_options *o)
{
	set_listen_options(fd, a, o);
	(void)listen(fd, o->backlog);
}

/* Binds the socket to the address `from`. With IP_BIND_ADDRESS_NO_PORT the kernel chooses the
 * port later, when it knows the other end. So connections to different servers can have the
 * same local port. */
static bool connect_from(int fd, const struct address *from)
{
	if (from == NULL)
		return true;
	if (from->any.sa_family != AF_UNIX)
		set_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	return bind(fd, &from->any, from->len) == 0;
}

int net_connect(const struct address *to, const struct address *from, bool *under_way)
{
	int fd = socket(to->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (to->any.sa_family != AF_UNIX)
		set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	*under_way = false;
	if (!connect_from(fd, from))
		return close_and_fail(fd);
	if (connect(fd, &to->any, to->len) == 0)
		return fd;
	*under_way = errno == EINPROGRESS || errno == EINTR;
	return *under_way ? fd : close_and_fail(fd);
}

bool net_is_own_fault(int error)
{
	switch (error) {
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
	case EADDRNOTAVAIL:
	case EADDRINUSE:
	case EAFNOSUPPORT:
	case EINVAL:
		return true;
	default:
		return false;
	}
}

int net_local_address(int fd, struct address *a)
{
	a->len = sizeof(*a) - offsetof(struct address, any);
	if (a->len > sizeof(struct sockaddr_un))
		a->len = sizeof(struct sockaddr_un);
	return getsockname(fd, &a->any, &a->len);
}

enum io_result net_read(int fd, char *to, size_t n, size_t *got)
{
	ssize_t bytes;

	do
		bytes = recv(fd, to, n, 0);
	while (bytes < 0 && errno == EINTR);

	*got = bytes > 0 ? (size_t)bytes : 0;
	if (bytes > 0)
		return IO_OK;
	if (bytes == 0)
		return IO_EOF;
	return errno == EAGAIN ? IO_AGAIN : IO_ERROR;
}

enum io_result net_write(int fd, struct str bytes, size_t *sent)
{
	ssize_t done;

	do
		done = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);
	while (done < 0 && errno == EINTR);

	*sent = done > 0 ? (size_t)done : 0;
	if (done >= 0)
		return IO_OK;
	return errno == EAGAIN ? IO_AGAIN : IO_ERROR;
}

bool net_has_bytes(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

void net_set_nodelay(int fd, bool on)
{
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, on);
}

void net_set_cork(int fd, bool on)
{
	set_option(fd, IPPROTO_TCP, TCP_CORK, on);
}

off_t net_packet_size(int fd)
{
	int size = 0;
	socklen_t len = sizeof(size);

	return getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &size, &len) == 0 && size > 0 ? size : 0;
}

int net_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 ? errno : error;
}

void net_reset_on_close(int fd)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}
