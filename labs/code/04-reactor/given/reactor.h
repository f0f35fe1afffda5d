/*
 * reactor.h - a loop that knows callbacks and nothing else.
 *
 * One thread owns a reactor and calls all of this. A callback may call everything here, about its
 * own watch and about every other one, except reactor_turn, reactor_run and reactor_destroy.
 */
#pragma once

#include "variant.h" /* EVENTS SIGNAL READY_READ READY_WRITE */

#include <stdint.h>

/* What a watch waits for, and what has happened. */
enum { READY = READY_READ | READY_WRITE };

struct reactor;
struct watch;
struct alarm;

struct reactor *reactor_create(void);      /* NULL and errno */
void reactor_destroy(struct reactor *r);   /* ends all watches, alarms and posted calls */

/*
 * ON is called with ARG and with what is ready, as long as it is ready. An error or a peer that has
 * left makes everything ready that the watch waits for. NULL and errno: it cannot be watched.
 */
struct watch *watch_start(struct reactor *r, int fd, unsigned what, void (*on)(void *arg, unsigned ready), void *arg);
int watch_change(struct watch *w, unsigned what); /* 0: the watch sleeps, and nothing wakes it */

/* After this, ON is never called again. The descriptor stays open, and belongs to the caller. */
void watch_end(struct watch *w);

/* ON is called once, in the next turn, after those that were posted before it. */
void reactor_later(struct reactor *r, void (*on)(void *arg), void *arg);

/* ON is called once, not before MS milliseconds are over. Then the alarm is gone. */
struct alarm *alarm_start(struct reactor *r, int64_t ms, void (*on)(void *arg), void *arg);
void alarm_end(struct alarm *a);

/* ON is called in a turn after the signal came. The signal is blocked outside of the loop's wait. */
int reactor_on_signal(struct reactor *r, int signo, void (*on)(void *arg), void *arg);

/*
 * One turn: wait at most MOST_MS (-1: without an end) for the first thing to do, then do all that is
 * ready once. 0; or -1 and errno. A signal that only interrupts is no error.
 */
int reactor_turn(struct reactor *r, int most_ms);
void reactor_run(struct reactor *r);  /* turns, until reactor_stop */
void reactor_stop(struct reactor *r);

/* The clock, in milliseconds; wrap.c has it, and a test may put another one in its place. */
extern int64_t (*reactor_now)(void);
