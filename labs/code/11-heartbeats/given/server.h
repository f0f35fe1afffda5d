/*
 * server.h - a server with lines for packets, and a timer for each guest. Three hooks in
 * guests.c say what it does.
 *
 * In a turn, timers come before packets. When the process stood still for a while, both are
 * there at once: timers that are long overdue, and packets that were not read yet.
 */
#pragma once

#include "beat.h"
#include "own.h"

#define PRINTS(text, first) __attribute__((format(printf, text, first)))

struct guest {
	int number; /* 1, 2, ... in the order in which they came */
	struct beat beat;
	bool dropped; /* no hook is called any more; the memory stays to the end of the turn */

	/* server.c's own */
	struct guest *next;
	int fd;
	int64_t timer; /* 0: none */
	unsigned length;
	char line[512];
};

extern const struct beat_rules server_rules;

/* ---- yours: guests.c ---- */

void guest_came(struct guest *g, int64_t now);
/* TEXT is what stands behind the command; NUMBER is the same as a number. */
void guest_packet(struct guest *g, int64_t now, enum packet kind, uint64_t number,
		  const char *text);
/* The timer that was set for DUE. It is used up; set the next one. */
void guest_timer(struct guest *g, int64_t due, int64_t now);

/* ---- given ---- */

void guest_timer_at(struct guest *g, int64_t at); /* instead of the one before */
void guest_say(struct guest *g, const char *format, ...) PRINTS(2, 3); /* a line */
void guests_say(const struct guest *but, const char *format, ...)
    PRINTS(2, 3); /* to all but one */
/* Ends the connection, and tells all others "GONE number why". */
void guest_drop(struct guest *g, const char *why);
/* Reads what lies in the socket now, and calls guest_packet. True: there was a packet. */
bool guest_read(struct guest *g);

/* Serves until SIGTERM. */
int server_run(int port);
