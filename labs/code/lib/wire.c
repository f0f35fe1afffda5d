#include "wire.h"

#include "kernel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORTS = 64 };

static struct {
	const struct program *server;
	int port;
} ports[PORTS];

/* ---- servers ----------------------------------------------------------------------------- */

struct program *server_start(const char *name, ...)
{
	char *a[16] = {0}, *line, *colon;
	struct program *p;
	va_list args;
	int n = 0, i = 0;

	va_start(args, name);
	while (n < 15 && (a[n] = va_arg(args, char *)))
		n++;
	va_end(args);
	p = program_start(name, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10],
			  a[11], a[12], a[13], a[14], NULL);
	line = program_line(p);
	colon = strrchr(line, ':');
	if (strncmp(line, "listening on ", 13) != 0 || !colon) {
		should_have("the line \"listening on 127.0.0.1:PORT\" from %s", name);
		but_it_was("%s", shown(line, strlen(line)));
	}
	while (i < PORTS - 1 && ports[i].server)
		i++;
	ports[i].server = p;
	ports[i].port = atoi(colon + 1);
	return p;
}

int server_port(const struct program *server)
{
	for (int i = 0; i < PORTS; i++)
		if (ports[i].server == server)
			return ports[i].port;
	judge_broke("server_port: not started by server_start");
}

/* Why a wait was in vain: the server is dead, or it is somewhere else. */
static _Noreturn void in_vain(struct peer *p, const char *what)
{
	if (p->server) {
		program_look(p->server);
		too_late("%s %s; %s is in %s", p->name, what, p->server->name,
			 process_call(program_pid(p->server)));
	}
	too_late("%s %s", p->name, what);
}

/* ---- connections ------------------------------------------------------------------------- */

static int port_of(int fd, bool peer)
{
	struct sockaddr_in a = {0};
	socklen_t size = sizeof a;

	if (peer)
		getpeername(fd, (struct sockaddr *)&a, &size);
	else
		getsockname(fd, (struct sockaddr *)&a, &size);
	return ntohs(a.sin_port);
}

static struct peer *peer_make(int fd, struct program *server, const char *name)
{
	struct peer *p = calloc(1, sizeof *p);

	if (!p)
		judge_broke("no memory");
	fcntl(fd, F_SETFL, O_NONBLOCK);
	*p = (struct peer){.name = strdup(name), .fd = fd, .server = server};
	p->port = port_of(fd, false);
	p->other = port_of(fd, true);
	return p;
}

static int connect_with(int port, int receive_buffer)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)port),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (receive_buffer)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
	if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
		return fd;
	close(fd);
	return -1;
}

int wire_connect(int port)
{
	return connect_with(port, 0);
}

struct peer *peer_connect_small(struct program *server, const char *name, int bytes)
{
	int fd = connect_with(server_port(server), bytes);

	step("%s connects", name);
	if (fd < 0) {
		program_look(server);
		should_have("a connection");
		but_it_was("%s", strerror(errno));
	}
	return peer_make(fd, server, name);
}

struct peer *peer_connect(struct program *server, const char *name)
{
	return peer_connect_small(server, name, 0);
}

int wire_listen(int *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 1024) < 0)
		judge_broke("listen: %s", strerror(errno));
	*port = port_of(fd, false);
	return fd;
}

bool wire_no_client(int listener)
{
	return poll(&(struct pollfd){.fd = listener, .events = POLLIN}, 1, 0) == 0;
}

struct peer *peer_accept(int listener, struct program *server, const char *name)
{
	double last = deadline();
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) < 0) {
		if (errno != EAGAIN && errno != ECONNABORTED)
			judge_broke("accept: %s", strerror(errno));
		if (now() > last)
			in_vain(&(struct peer){.name = name, .server = server},
				"waits for a connection");
		poll(&(struct pollfd){.fd = listener, .events = POLLIN}, 1, 10);
	}
	step("%s accepts a connection", name);
	return peer_make(fd, server, name);
}

void peer_shutdown(struct peer *p)
{
	step("%s sends FIN", p->name);
	shutdown(p->fd, SHUT_WR);
}

void peer_close(struct peer *p)
{
	step("%s closes", p->name);
	close(p->fd);
	p->fd = -1;
}

void peer_reset(struct peer *p)
{
	struct linger at_once = {.l_onoff = 1};

	step("%s resets the connection", p->name);
	setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	close(p->fd);
	p->fd = -1;
}

/* ---- sending ----------------------------------------------------------------------------- */

size_t peer_send_some(struct peer *p, const void *bytes, size_t n)
{
	ssize_t sent = send(p->fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent >= 0)
		return (size_t)sent;
	if (errno == EAGAIN)
		return 0;
	if (p->server)
		program_look(p->server);
	should_have("room for what %s sends", p->name);
	but_it_was("%s", strerror(errno));
}

static void send_all(struct peer *p, const char *bytes, size_t n)
{
	double last = deadline();

	while (n > 0) {
		size_t sent = peer_send_some(p, bytes, n);

		bytes += sent;
		n -= sent;
		if (sent)
			last = deadline();
		else if (now() > last)
			in_vain(p, "cannot send, for the server does not read");
		else
			poll(&(struct pollfd){.fd = p->fd, .events = POLLOUT}, 1, 10);
	}
}

void peer_send_as(struct peer *p, const char *what, const void *bytes, size_t n)
{
	step("%s sends %s", p->name, what);
	send_all(p, bytes, n);
}

void peer_send(struct peer *p, const void *bytes, size_t n)
{
	peer_send_as(p, shown(bytes, n), bytes, n);
}

void peer_say(struct peer *p, const char *format, ...)
{
	char *text;
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0)
		judge_broke("no memory");
	peer_send(p, text, (size_t)n);
	free(text);
}

void peer_was_read(struct peer *p)
{
	double last = deadline();
	int unsent = 1;

	for (;; nap()) {
		if (ioctl(p->fd, SIOCOUTQ, &unsent) == 0 && unsent == 0 &&
		    tcp_look(p->other, p->port).unread == 0)
			return;
		if (now() > last)
			in_vain(p, "waits until the server has read what it sent");
	}
}

/* ---- reading ----------------------------------------------------------------------------- */

/* One read: > 0, 0 at the end, -1 nothing yet, -2 reset. */
static ssize_t more(struct peer *p)
{
	ssize_t n;

	if (p->room - p->length < 1 << 16) {
		p->room = p->room ? p->room * 2 : 1 << 17;
		p->bytes = realloc(p->bytes, p->room);
		if (!p->bytes)
			judge_broke("no memory");
	}
	n = recv(p->fd, p->bytes + p->length, p->room - p->length - 1, MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? -1 : -2;
	p->length += (size_t)n;
	p->bytes[p->length] = '\0';
	return n;
}

/* Until something comes; WHAT it waits for is for the message. */
static void wait_more(struct peer *p, double last, const char *what)
{
	ssize_t n;

	while ((n = more(p)) == -1) {
		if (now() > last)
			in_vain(p, what);
		poll(&(struct pollfd){.fd = p->fd, .events = POLLIN}, 1, 10);
	}
	if (n > 0)
		return;
	for (int i = 0; p->server && i < 100; i++, nap())
		program_look(p->server); /* has it ended? The kernel closes sockets first */
	should_have("more bytes at %s", p->name);
	but_it_was(n == 0 ? "closed%s%s" : "reset%s%s", p->length ? " after " : "",
		   p->length ? shown(p->bytes, p->length) : "");
}

const char *peer_look(struct peer *p, size_t want)
{
	double last = deadline();
	size_t before = p->length;

	while (p->length < want) {
		wait_more(p, last, "waits for more bytes");
		if (p->length > before)
			last = deadline();
		before = p->length;
	}
	return p->bytes;
}

void peer_take(struct peer *p, size_t n)
{
	p->length -= n;
	memmove(p->bytes, p->bytes + n, p->length);
}

void peer_read(struct peer *p, void *to, size_t n)
{
	for (char *out = to; n > 0;) {
		size_t piece;

		peer_look(p, 1);
		piece = p->length < n ? p->length : n;
		if (out) {
			memcpy(out, p->bytes, piece);
			out += piece;
		}
		peer_take(p, piece);
		n -= piece;
	}
}

static char *line_get(struct peer *p, const char *what)
{
	static char *line;
	double last = deadline();
	char *end;
	size_t n;

	while (!p->length || !(end = memchr(p->bytes, '\n', p->length)))
		wait_more(p, last, what);
	n = (size_t)(end - p->bytes);
	free(line);
	line = malloc(n + 1);
	if (!line)
		judge_broke("no memory");
	memcpy(line, p->bytes, n);
	line[n > 0 && line[n - 1] == '\r' ? n - 1 : n] = '\0';
	peer_take(p, n + 1);
	return line;
}

char *peer_line(struct peer *p)
{
	return line_get(p, "waits for a line");
}

void peer_expect(struct peer *p, const char *format, ...)
{
	char wanted[1024], what[1200], *line;
	va_list args;

	va_start(args, format);
	vsnprintf(wanted, sizeof wanted, format, args);
	va_end(args);
	snprintf(what, sizeof what, "waits for the line %s", shown(wanted, strlen(wanted)));
	should_have("the line %s at %s", shown(wanted, strlen(wanted)), p->name);
	line = line_get(p, what);
	if (strcmp(line, wanted) != 0) {
		should_have("the line %s at %s", shown(wanted, strlen(wanted)), p->name);
		but_it_was("%s", shown(line, strlen(line)));
	}
	step("%s has had %s", p->name, shown(wanted, strlen(wanted)));
}

bool peer_has_ended(struct peer *p)
{
	ssize_t n;

	while ((n = more(p)) > 0)
		continue;
	return n != -1;
}

static ssize_t wait_end(struct peer *p, bool any)
{
	double last = deadline();
	ssize_t n;

	while ((n = more(p)) == -1 || n > 0) {
		if (any)
			p->length = 0;
		else if (p->length) {
			should_have("the end of the connection at %s", p->name);
			but_it_was("%s", shown(p->bytes, p->length));
		}
		if (now() > last)
			in_vain(p, "waits for the end of its connection");
		poll(&(struct pollfd){.fd = p->fd, .events = POLLIN}, 1, 10);
	}
	return n;
}

void peer_expect_end(struct peer *p)
{
	if (p->length || wait_end(p, false) == -2) {
		should_have("the end of the connection at %s", p->name);
		but_it_was("%s", p->length ? shown(p->bytes, p->length) : "reset");
	}
	step("%s has the end of the connection", p->name);
}

void peer_expect_closed(struct peer *p)
{
	p->length = 0;
	wait_end(p, true);
	step("%s is disconnected", p->name);
}
