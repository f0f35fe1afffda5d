/* lock.c - a futex: the kernel lets a process sleep only if the word is still what it saw. */
#include "lock.h"

#include "own.h"
#include "variant.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void wake(struct lock *l)
{
	atomic_fetch_add(&l->change, 1);
	syscall(SYS_futex, &l->change, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static int region(struct lock *l, int command, short type)
{
	struct flock f = {
	    .l_type = type, .l_whence = SEEK_SET, .l_start = LOCK_BYTE, .l_len = 1};
	int r = -1;

	for (errno = EINTR; r < 0 && errno == EINTR;)
		r = fcntl(l->file, command, &f);
	return r;
}

void lock_init(struct lock *l, enum lock_kind kind, int file)
{
	l->kind = kind;
	l->file = file;
	atomic_store(&l->word, 0);
	atomic_store(&l->change, 0);
}

enum lock_result lock_try(struct lock *l)
{
	int me = getpid(), was = 0;

	if (l->kind == LOCK_FILE) {
		if (region(l, F_SETLK, F_WRLCK) < 0)
			return LOCK_BUSY;
		was = atomic_exchange(&l->word, me);
		return was ? LOCK_ABANDONED : LOCK_OK;
	}
	if (atomic_compare_exchange_strong(&l->word, &was, me))
		return LOCK_OK;
	if (was < 0 && atomic_compare_exchange_strong(&l->word, &was, me))
		return LOCK_ABANDONED;
	return LOCK_BUSY;
}

enum lock_result lock_acquire(struct lock *l)
{
	struct timespec most = {.tv_nsec = 20000000};
	enum lock_result r;
	int change;

	if (l->kind == LOCK_FILE) {
		while (region(l, F_SETLKW, F_WRLCK) < 0)
			sched_yield();
		return atomic_exchange(&l->word, getpid()) ? LOCK_ABANDONED : LOCK_OK;
	}
	for (;;) {
		change = atomic_load(&l->change);
		r = lock_try(l);
		if (r != LOCK_BUSY)
			return r;
		syscall(SYS_futex, &l->change, FUTEX_WAIT, change, &most, NULL, 0);
	}
}

void lock_release(struct lock *l)
{
	atomic_store(&l->word, 0);
	if (l->kind == LOCK_FILE)
		region(l, F_SETLK, F_UNLCK);
	else
		wake(l);
}

bool lock_owner_died(struct lock *l, pid_t dead)
{
	int owner = dead;

	if (l->kind == LOCK_FILE)
		return atomic_load(&l->word) == owner;
	if (!atomic_compare_exchange_strong(&l->word, &owner, -dead))
		return false;
	wake(l);
	return true;
}
