/*
 * shmutex: a lock between processes, in memory that they share.
 *
 *                 trylock, lock            unlock, force_unlock(owner)
 *      owner = 0 ---------------> owner = pid -------------------> owner = 0
 *
 * There are three kinds, which differ in how a process waits:
 *
 *      atomic      spins, then sleeps and tries again; the sleeps get longer
 *      semaphore   spins, then sleeps until an unlock wakes it
 *      file        sleeps in the kernel: the lock is a kernel lock on one byte of a file
 *
 * Taking a free lock costs one atomic instruction, and releasing it costs one more. Neither
 * needs a system call. Only the kind `file` needs a system call for each of them.
 *
 * A holder may be killed while it holds the lock. Then the kernel releases a file lock at once.
 * The other kinds stay locked until the master has reaped the process and calls
 * shmutex_force_unlock. (Until then the pid cannot be used again.) If the master has ended too,
 * a waiting process notices that the holder has ended, and releases the lock. In all these
 * cases the protected data may be half changed: see slab.h.
 *
 * The lock is not recursive and not fair. It works between processes, not between threads: for
 * the kernel, all threads of a process are one owner of a file lock.
 */
#ifndef MEM_SHMUTEX_H
#define MEM_SHMUTEX_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

enum shmutex_kind { SHMUTEX_SEMAPHORE, SHMUTEX_ATOMIC, SHMUTEX_FILE };

/* distance in bytes between data that different cores write, so that they share no cache line */
enum { SHMUTEX_APART = 128 };

struct shmutex { /* put it in shared memory */
	/* the pid of the holder; 0 when the lock is free */
	_Alignas(SHMUTEX_APART) _Atomic pid_t owner;
	/* the number of waiting processes for which no wake-up was sent yet */
	_Atomic int waiters;
	enum shmutex_kind kind;
	off_t byte;     /* for the kind `file`: the byte that is locked */
	sem_t wake_ups; /* semaphore */
};

/*
 * Sets the kind of all locks that shmutex_init makes from now on. When the kind is `file` for
 * the first time, `lock_file` is created, opened and unlinked. All file locks use this file.
 * Returns -1 and sets errno if it cannot be opened.
 */
int shmutex_choose(enum shmutex_kind kind, const char *lock_file);

/* Call it before the fork. If the system cannot make a semaphore, the lock becomes an atomic
 * one. */
void shmutex_init(struct shmutex *m);
void shmutex_fini(struct shmutex *m); /* call it only when no process waits for the lock */

void shmutex_lock(struct shmutex *m);
bool shmutex_trylock(struct shmutex *m); /* returns false if another process holds the lock */
void shmutex_unlock(struct shmutex *m);  /* only the owner may call it */
bool shmutex_is_mine(const struct shmutex *m);

/* Call it for a process that has ended. Releases the lock and returns true if that process held
 * it. Then the protected data may be half changed. */
bool shmutex_force_unlock(struct shmutex *m, pid_t dead);

#endif
