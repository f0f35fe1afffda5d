/*
 * shmutex: a lock between processes, in memory that they share.
 *
 *                 trylock, lock            unlock, force_unlock(owner)
 *      owner = 0 ---------------> owner = pid -------------------> owner = 0
 *
 * There are three kinds, which differ in how a process waits:
 *
 *      atomic      spins, then sleeps a little, and a little longer, and looks again
 *      semaphore   spins, then sleeps until an unlock wakes it
 *      file        sleeps in the kernel, which keeps a lock for it on a byte of a file
 *
 * Taking a free one costs one atomic instruction, giving it back another, and
 * no system call, except for a file's: two.
 *
 * A holder may be killed while it holds the lock. A file lock is then free at once. The other
 * kinds stay locked until the master has reaped the process and calls shmutex_force_unlock.
 * (Until then the pid cannot be used again.) If the master has ended too, the waiting
 * processes notice it themselves, a little later. In all cases the protected data may be half
 * changed; see slab.h.
 *
 * Not recursive, not fair, and for processes, not threads: to the kernel all
 * threads of a process are one owner of a file's lock.
 */
#ifndef MEM_SHMUTEX_H
#define MEM_SHMUTEX_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

enum shmutex_kind { SHMUTEX_SEMAPHORE, SHMUTEX_ATOMIC, SHMUTEX_FILE };

enum { SHMUTEX_APART = 128 }; /* bytes between data that different cores write */

struct shmutex {                                     /* in shared memory */
	_Alignas(SHMUTEX_APART) _Atomic pid_t owner; /* 0: not held */
	_Atomic int waiters; /* waiting processes for which no wake-up was sent yet */
	enum shmutex_kind kind;
	off_t byte;     /* file: the byte of the file that is locked */
	sem_t wake_ups; /* semaphore */
};

/*
 * Sets the kind of the locks that shmutex_init makes from now on. `lock_file` is created,
 * opened and unlinked for the first file lock, and used for all later ones. -1: it cannot be
 * opened, errno says why.
 */
int shmutex_choose(enum shmutex_kind kind, const char *lock_file);

/* Before the fork. Without semaphores it becomes an atomic one. */
void shmutex_init(struct shmutex *m);
void shmutex_fini(struct shmutex *m); /* call it when no process waits any more */

void shmutex_lock(struct shmutex *m);
bool shmutex_trylock(struct shmutex *m); /* false: another process holds it */
void shmutex_unlock(struct shmutex *m);  /* by its owner */
bool shmutex_is_mine(const struct shmutex *m);

/* Call it for a process that has ended. True: it held the lock, so the data may be half
 * changed. */
bool shmutex_force_unlock(struct shmutex *m, pid_t dead);

#endif
