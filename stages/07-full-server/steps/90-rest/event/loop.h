/*
 * loop: wait for events, tell their connections, run the timers, then what was
 * posted. There is one in a process, and one thread that runs it.
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
