/*
 * wire.h - for checks that talk with the student's server over TCP. A peer is a client with a name,
 * so that a failure can say "bob sent ..., ann should have had ...". Each function adds its step,
 * and each wait ends the check as TIMEOUT with the call in which the server sleeps.
 */
#pragma once

#include "program.h"

#include <stddef.h>

/* Starts build/NAME with these arguments (one of them port "0") and waits for its line
 * "listening on 127.0.0.1:PORT". */
struct program *server_start(const char *name, ...) __attribute__((sentinel));
int server_port(const struct program *server);

struct peer {
	const char *name;
	int fd;         /* -1: closed; non-blocking */
	int port, other; /* our port, and the one at the other end */
	struct program *server;
	char *bytes; /* what has come and was not looked at yet */
	size_t room, length;
};

struct peer *peer_connect(struct program *server, const char *name);
/* The same with a small receive buffer, set before the connection: the peer's window stays small. */
struct peer *peer_connect_small(struct program *server, const char *name, int bytes);

/* Without a step and without ending the check; -1 and errno: for many connections. */
int wire_connect(int port);

/* For a judge that plays a backend: a listener on a free port, and who connects to it. */
int wire_listen(int *port);
struct peer *peer_accept(int listener, struct program *server, const char *name);
/* True: no client waits at the listener. */
bool wire_no_client(int listener);

/* Sends all of it, waiting as long as the deadline lets us. peer_say adds no line end. */
void peer_send(struct peer *p, const void *bytes, size_t n);
void peer_say(struct peer *p, const char *format, ...) PRINTS(2, 3);
/* The same; in the list of steps stands WHAT in place of the bytes. */
void peer_send_as(struct peer *p, const char *what, const void *bytes, size_t n);
/* As much as goes at once: the number of bytes. */
size_t peer_send_some(struct peer *p, const void *bytes, size_t n);

/* Waits until the server's kernel has all that we sent, and the server has read all of it: what is
 * sent after this comes in a read of its own. */
void peer_was_read(struct peer *p);

/* One line, without LF or CR LF. */
char *peer_line(struct peer *p);
void peer_expect(struct peer *p, const char *format, ...) PRINTS(2, 3);
/* Exactly N bytes, into TO unless it is NULL; peer_look: what is there now, at least WANT bytes. */
void peer_read(struct peer *p, void *to, size_t n);
const char *peer_look(struct peer *p, size_t want);
void peer_take(struct peer *p, size_t n); /* of what was looked at */

/* The server ends the connection: in order (end of file), or in any way. What comes before the end
 * fails the first and is thrown away by the second. */
void peer_expect_end(struct peer *p);
void peer_expect_closed(struct peer *p);
bool peer_has_ended(struct peer *p); /* by now; does not wait */

void peer_shutdown(struct peer *p); /* our FIN; the peer still reads */
void peer_close(struct peer *p);
void peer_reset(struct peer *p); /* RST */
