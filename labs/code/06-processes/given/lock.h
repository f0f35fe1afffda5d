/*
 * lock.h - yours to write: a lock in memory that processes share, and that survives its owner.
 * Any process may be killed at any instruction.
 *
 *   free --acquire: OK--> owned --release--> free
 *   owned --its owner is killed--> left behind --acquire: ABANDONED--> owned
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

enum lock_kind {
	LOCK_ATOMIC,    /* a word, and short naps */
	LOCK_SEMAPHORE, /* waiters sleep on a semaphore, and are woken */
	LOCK_FILE,      /* fcntl locks the byte LOCK_BYTE of FILE; the kernel unlocks it at a death */
};

/* ABANDONED: the lock is yours, and its last owner died inside. Repair first. */
enum lock_result { LOCK_OK, LOCK_ABANDONED, LOCK_BUSY };

struct lock; /* own.h */

/* Before the fork. FILE is a descriptor that all processes inherit. */
void lock_init(struct lock *l, enum lock_kind kind, int file);

enum lock_result lock_acquire(struct lock *l); /* OK or ABANDONED */
enum lock_result lock_try(struct lock *l);     /* does not wait: BUSY */
void lock_release(struct lock *l);

/* The master calls it for each child, after waitpid. True: the child owned the lock. */
bool lock_owner_died(struct lock *l, pid_t dead);
