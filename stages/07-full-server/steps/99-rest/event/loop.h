/*
 * loop: wait for events, tell their connections, then run what was posted.
 * There is one in a process, and one thread that runs it.
 *
 *     turn:  epoll_wait -> events -> posted
 */
#ifndef EVENT_LOOP_H
#define EVENT_LOOP_H

int loop_init(void); /* -1: errno says why */
void loop_fini(void);

void loop_turn(void);

#endif
