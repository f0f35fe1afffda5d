/*
 * balance: when several processes accept from the same sockets, decides which process accepts
 * the next connection.
 *
 * A process without a free slot leaves new connections to the other processes: it removes its
 * shared listeners from epoll. (A process that serves alone closes idle connections instead.)
 *
 * Without a mutex, the kernel wakes one of the waiting processes (EPOLLEXCLUSIVE). This is
 * always the first process in the order in which they registered the socket. So that other
 * processes accept too, a process moves its listener to the end of this order after some
 * connections. When few slots are free, it does so at once.
 *
 * With a mutex, each process tries to take the mutex in each turn of the loop, and never waits
 * for it. The process that has the mutex waits for events, accepts, and releases the mutex.
 * Only then does it handle the other events. It serves the new connections at the end of the
 * turn, because their requests would take time while the mutex is held.
 */
#ifndef EVENT_BALANCE_H
#define EVENT_BALANCE_H

#include <stdbool.h>
#include <stdint.h>

struct shmutex;

/* Call it after loop_init and accept_init. `mutex` may be NULL; delay_ms is
 * accept_mutex_delay. */
void balance_init(struct shmutex *mutex, int64_t delay_ms);

/* Returns a positive number if fewer than an eighth of the slots are free. Then other processes
 * should accept. */
int64_t balance_disabled(uint32_t slots, uint32_t free);

bool balance_holds_lock(void);
int balance_before_wait(int wait); /* called by the loop, and by tests */

#endif
