/* lock.c - yours: a lock that survives its owner. */
#include "lock.h"

#include "own.h"
#include "variant.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

enum { FREE = 0, LEFT_BEHIND = -1 };

static enum lock_result word_try(struct lock *l)
{
	int now = atomic_load(&l->owner);

	if (now > 0 || !atomic_compare_exchange_strong(&l->owner, &now, getpid()))
		return LOCK_BUSY;
	return now == FREE ? LOCK_OK : LOCK_ABANDONED;
}

static bool byte_lock(struct lock *l, int command, short type)
{
	struct flock f = {.l_type = type, .l_whence = SEEK_SET, .l_start = LOCK_BYTE, .l_len = 1};
	int r;

	do
		r = fcntl(l->file, command, &f);
	while (r < 0 && errno == EINTR);
	return r == 0;
}

/* The byte is ours: a word that is not FREE is a death. */
static enum lock_result file_taken(struct lock *l)
{
	int before = atomic_exchange(&l->owner, getpid());

	return before == FREE ? LOCK_OK : LOCK_ABANDONED;
}

void lock_init(struct lock *l, enum lock_kind kind, int file)
{
	atomic_init(&l->owner, FREE);
	l->kind = kind;
	l->file = file;
	sem_init(&l->wake, 1, 0);
}

enum lock_result lock_try(struct lock *l)
{
	if (l->kind != LOCK_FILE)
		return word_try(l);
	if (!byte_lock(l, F_SETLK, F_WRLCK))
		return LOCK_BUSY;
	return file_taken(l);
}

/* A process does not rely on being woken: the process that wakes it may be dead. */
static void wait_a_little(struct lock *l)
{
	struct timespec t = {.tv_nsec = 1000000};

	if (l->kind == LOCK_ATOMIC) {
		nanosleep(&t, NULL);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += 50 * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_nsec -= 1000000000;
		t.tv_sec++;
	}
	sem_clockwait(&l->wake, CLOCK_MONOTONIC, &t);
}

/* One token is enough: more would keep waiters awake for nothing. */
static void wake_one(struct lock *l)
{
	int tokens = 0;

	if (l->kind == LOCK_SEMAPHORE && sem_getvalue(&l->wake, &tokens) == 0 && tokens < 1)
		sem_post(&l->wake);
}

enum lock_result lock_acquire(struct lock *l)
{
	enum lock_result r;

	if (l->kind == LOCK_FILE) {
		while (!byte_lock(l, F_SETLKW, F_WRLCK))
			continue;
		return file_taken(l);
	}
	while ((r = word_try(l)) == LOCK_BUSY)
		wait_a_little(l);
	return r;
}

void lock_release(struct lock *l)
{
	atomic_store(&l->owner, FREE);
	if (l->kind == LOCK_FILE)
		byte_lock(l, F_SETLK, F_UNLCK);
	wake_one(l);
}

bool lock_owner_died(struct lock *l, pid_t dead)
{
	int owner = dead;

	if (!atomic_compare_exchange_strong(&l->owner, &owner, LEFT_BEHIND))
		return false;
	wake_one(l);
	return true;
}
