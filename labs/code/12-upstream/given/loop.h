/*
 * loop.h - descriptors that are ready, and timers. Level-triggered: a callback is called in
 * each turn as long as its descriptor is ready. A callback may end any watch and any timer, its
 * own too; what has been ended is never called again.
 */
#pragma once

#include <signal.h>

struct loop;
struct watch;
struct timer;

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

/* ON is called when FD can be read, or written; also after an error or an end of file. NULL and
 * errno. End the watch before you close FD. */
struct watch *loop_watch(struct loop *l, int fd, int what, void (*on)(void *arg), void *arg);
void watch_end(struct watch *w); /* NULL: nothing happens */

/* ON is called once, after MS milliseconds; 0: in the next turn. Those of one time come in
 * order. When it is called, the timer has ended. NULL: there is no memory. */
struct timer *loop_timer(struct loop *l, int ms, void (*on)(void *arg), void *arg);
void timer_end(struct timer *t); /* NULL: nothing happens */

struct loop *loop_create(void); /* ends the program when it can't */
void loop_run(struct loop *l);  /* until SIGTERM */
void loop_destroy(struct loop *l);

extern volatile sig_atomic_t stopping; /* main.c: SIGTERM came */
