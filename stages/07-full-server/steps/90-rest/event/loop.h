/*
 * loop: waits for events, calls their connections, runs the timers, then the posted calls. Each
 * process has one loop, run by one thread.
 *
 *     turn:  epoll_wait -> clock -> events -> due timers -> posted
 *
 * Events run before timers: data that came together with its timeout wins.
 */
#ifndef EVENT_LOOP_H
#define EVENT_LOOP_H

int loop_init(void); /* -1: errno says why */
void loop_fini(void);

void loop_turn(void); /* waits at most until the next timer */

#endif
