#include "io/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *parse_unix(struct address *a, struct str path)
{
	if (path.len == 0 || path.len >= sizeof(a->un.sun_path))
		return "the path of a unix socket is empty or too long";
	a->un.sun_family = AF_UNIX;
	*put_str(a->un.sun_path, path) = '\0';
	a->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.len + 1);
	return NULL;
}

static const char *parse_ipv6(struct address *a, struct str host, int port)
{
	char text[INET6_ADDRSTRLEN];

	if (host.len >= sizeof(text))
		return "invalid IPv6 address";
	*put_str(text, host) = '\0';
	if (inet_pton(AF_INET6, text, &a->in6.sin6_addr) != 1)
		return "invalid IPv6 address";
	a->in6.sin6_family = AF_INET6;
	a->in6.sin6_port = htons((uint16_t)port);
	a->len = sizeof(a->in6);
	return NULL;
}

static const char *resolve(struct address *a, const char *name, int port)
{
	struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;

	if (getaddrinfo(name, NULL, &hints, &found) != 0)
		return "host not found";
	memcpy(&a->in, found->ai_addr, sizeof(a->in));
	freeaddrinfo(found);
	a->in.sin_port = htons((uint16_t)port);
	a->len = sizeof(a->in);
	return NULL;
}

static const char *parse_ipv4(struct address *a, struct str host, int port)
{
	char text[256];

	a->in.sin_family = AF_INET;
	a->in.sin_port = htons((uint16_t)port);
	a->len = sizeof(a->in);
	if (host.len == 0 || str_equal(host, STR("*"))) {
		a->in.sin_addr.s_addr = INADDR_ANY;
		return NULL;
	}
	if (host.len >= sizeof(text))
		return "host name too long";
	*put_str(text, host) = '\0';
	if (inet_pton(AF_INET, text, &a->in.sin_addr) == 1)
		return NULL;
	return resolve(a, text, port);
}

static bool parse_port(struct str digits, int *port)
{
	int64_t n = str_to_number(digits);

	if (n < 0 || n > 65535)
		return false;
	*port = (int)n;
	return true;
}

const char *address_parse(struct address *a, struct str text, int port)
{
	struct str host = text;
	const char *colon;

	*a = (struct address){.len = 0};
	if (str_starts(text, STR("unix:")))
		return parse_unix(a, (struct str){text.data + 5, text.len - 5});

	colon = memrchr(text.data, ':', text.len);
	if (text.len > 0 && text.data[0] == '[') {
		const char *end = memchr(text.data, ']', text.len);

		if (end == NULL)
			return "a \"]\" is missing";
		host = str_between(text.data + 1, end);
		if (end + 1 == text.data + text.len)
			colon = NULL;
		else if (colon != end + 1)
			return "invalid port";
	} else if (colon == NULL && parse_port(text, &port)) {
		host = STR_NONE;
	} else if (colon != NULL) {
		host = str_between(text.data, colon);
	}
	if (colon != NULL && !parse_port(str_between(colon + 1, text.data + text.len), &port))
		return "invalid port";
	if (text.len > 0 && text.data[0] == '[')
		return parse_ipv6(a, host, port);
	return parse_ipv4(a, host, port);
}

bool address_equal(const struct address *a, const struct address *b)
{
	return a->len == b->len && memcmp(&a->any, &b->any, a->len) == 0;
}

bool address_is_wildcard(const struct address *a)
{
	if (a->any.sa_family == AF_INET)
		return a->in.sin_addr.s_addr == INADDR_ANY;
	if (a->any.sa_family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(&a->in6.sin6_addr);
	return false;
}

int address_port(const struct sockaddr *a)
{
	if (a->sa_family == AF_INET)
		return ntohs(((const struct sockaddr_in *)a)->sin_port);
	if (a->sa_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)a)->sin6_port);
	return 0;
}

/* The most common text of all: worth more than inet_ntop's generality. */
static size_t print_ipv4(const struct in_addr *address, char *text)
{
	const unsigned char *byte = (const unsigned char *)address;
	char *to = text;

	for (int i = 0; i < 4; i++) {
		if (i > 0)
			*to++ = '.';
		to = put_number(to, byte[i]);
	}
	*to = '\0';
	return (size_t)(to - text);
}

size_t address_print(const struct sockaddr *a, char *text)
{
	if (a->sa_family == AF_INET)
		return print_ipv4(&((const struct sockaddr_in *)a)->sin_addr, text);
	if (a->sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)a)->sin6_addr, text,
			  ADDRESS_TEXT);
		return strlen(text);
	}
	return (size_t)sprintf(text, "unix:");
}

size_t address_print_port(const struct sockaddr *a, char *text)
{
	size_t len = 0;

	if (a->sa_family == AF_UNIX)
		return (size_t)sprintf(text, "unix:%s", ((const struct sockaddr_un *)a)->sun_path);
	if (a->sa_family == AF_INET6)
		text[len++] = '[';
	len += address_print(a, text + len);
	if (a->sa_family == AF_INET6)
		text[len++] = ']';
	return len + (size_t)sprintf(text + len, ":%d", address_port(a));
}

static void set_option(int fd, int level, int name, int value)
{
	/* an option that the system refuses leaves a socket that works without it */
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
		set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1); /* what we accept inherits it */
}

/* A socket file left by a server that was killed would make bind fail for ever. */
static void remove_dead_unix_socket(const struct address *a)
{
	int fd;
	struct stat st;

	/* a plain file refuses connections, too: that one is somebody's */
	if (lstat(a->un.sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, &a->any, a->len) < 0 && errno == ECONNREFUSED)
		unlink(a->un.sun_path);
	close(fd);
}

int net_listen(const struct address *a, const struct listen_options *o)
{
	int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (a->any.sa_family == AF_UNIX)
		remove_dead_unix_socket(a);
	set_listen_options(fd, a, o);
	if (bind(fd, &a->any, a->len) < 0 || listen(fd, o->backlog) < 0) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	if (a->any.sa_family == AF_UNIX)
		(void)chmod(a->un.sun_path, 0666); /* who may connect is the folder's business */
	return fd;
}

void net_listen_again(int fd, const struct address *a, const struct listen_options *o)
{
	set_listen_options(fd, a, o);
	(void)listen(fd, o->backlog);
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

void net_set_nodelay(int fd, bool on)
{
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, on);
}

void net_set_cork(int fd, bool on)
{
	set_option(fd, IPPROTO_TCP, TCP_CORK, on);
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
