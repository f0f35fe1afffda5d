/* What the checks of lab 11 share: a model of beat.c, and guests of the server. */
#pragma once

#include "program.h"
#include "wire.h"

/* ---- the model: what beat.h says, with the puppet beside it ---- */

struct model {
	struct program *puppet;
	long least, most, missed, percent, rate, burst;
	long period, last, rtt;
	long credit, counted;  /* in thousandths of a packet */
	long number, asked_at; /* the newest probe */
	bool asked, open;      /* since the last packet; is its answer a measure */
};

long model_limit(const struct model *m);
long model_patience(const struct model *m); /* from the last packet to the probe */

/* Each does it in the model and in the puppet, and compares the answers. */
struct model begin(long at);               /* with the rules of the variant */
void begin_with(struct model *m, long at); /* with the rules that M holds, and its puppet */
void hello(struct model *m, long wanted);
void packet(struct model *m, long at, const char *kind, long number);
const char *due(struct model *m, long at); /* the answer */
void paused(struct model *m, long from, long to);
void expect_rtt(struct model *m);
long next(struct model *m);

/* ---- guests of the server ---- */

struct program *server(void);

/* Connects, and wishes for a limit of about MS; *LIMIT_MS: what the granted period makes of it.
 */
struct peer *guest(struct program *s, const char *name, long ms, long *limit_ms);
int guest_number(const struct peer *p); /* as the server said in its WELCOME */

/* A line that is not the server's probe; probes are answered. */
char *guest_line(struct peer *p);
/* PING, and lines up to PONG: true if one of them was "GONE NUMBER why". */
bool guest_ping(struct peer *p, int gone_number, const char *why);
/* Pings until the server says that guest NUMBER is gone: the time of that, as now(). */
double wait_gone(struct peer *p, int number, const char *why);
void at_least(double began, double ms, const char *what);
