/*
 * balance: several processes accept from the same sockets: which of them does?
 *
 * A process that is out of slots leaves new connections to the others: it takes its shared
 * listeners out of epoll. (A process that serves alone closes idle connections instead.)
 *
 * Without a mutex the kernel wakes one of the processes that wait (EPOLLEXCLUSIVE): the first
 * in the order of their registration. So that it is not always the same, a listener moves to
 * the end of this order after some connections, and at once when few slots are free.
 *
 * With a mutex, a process tries the lock in each turn of the loop and never waits for it. The
 * process that has it waits for events and accepts, releases it, and only then handles the
 * other events. New connections are served at the end of the turn: their requests would take
 * time while the lock is held.
 */
#ifndef EVENT_BALANCE_H
#define EVENT_BALANCE_H

#include <stdbool.h>
#include <stdint.h>

struct shmutex;

/* Call it after loop_init and accept_init. `mutex` may be NULL; delay_ms is
 * accept_mutex_delay. */
void balance_init(struct shmutex *mutex, int64_t delay_ms);

/* Positive: fewer than an eighth of the slots are free, so other processes should accept. */
int64_t balance_disabled(uint32_t slots, uint32_t free);

bool balance_holds_lock(void);
int balance_before_wait(int wait); /* called by the loop, and by tests */

#endif
