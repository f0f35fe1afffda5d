#include "mem/shmutex.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

enum {
	/* a spinning process pauses for 1, 2, 4 ... steps, up to this limit */
	SPIN_MOST = 2048,
	/* atomic: how many times a process calls sched_yield before it sleeps */
	YIELDS = 4,
	NAP_LEAST = 50 * 1000, /* the first sleep, in ns; each further sleep is twice as long */
	NAP_DOUBLINGS = 5,     /* after this number of doublings the sleeps stay equally long */
	/* atomic: after this number of sleeps, check whether the holder still exists */
	LOOK_ROUNDS = 64,
	/* semaphore: the longest time to sleep, in ms, before a process tries again */
	WAKE_UP_MS = 100,
};

static enum shmutex_kind chosen = SHMUTEX_SEMAPHORE;
static int lock_file = -1;
static off_t next_byte; /* the first byte of the lock file that no lock uses yet */

/* ---- our pid is stored: getpid is a system call, and taking a lock should need none */

static pid_t known_pid;

static void forget_pid(void)
{
	known_pid = 0;
}

static pid_t own_pid(void)
{
	if (known_pid == 0)
		known_pid = getpid();
	return known_pid;
}

static void watch_forks(void)
{
	static bool watching;

	if (!watching)
		watching = pthread_atfork(NULL, NULL, forget_pid) == 0;
}

/* ---- the word `owner`, for the kinds atomic and semaphore
 * 
 * The process that takes the lock must see what the last owner has written, and its own writes
 * must be seen by the next owner: acquire and release would be enough for that. But processes
 * that sleep need a stronger order, seq_cst. A waiter writes `waiters`, then reads `owner`; an
 * unlocker writes `owner`, then reads `waiters`. Acquire and release allow a processor to do
 * the read before the write. Then the waiter could see the lock taken while the unlocker sees
 * no waiter, and the waiter would sleep for ever. With seq_cst there is one order of all four
 * accesses. Either the waiter's read comes after the unlocker's write, and the waiter takes the
 * lock. Or the unlocker's read comes after the waiter's write, and the unlocker wakes the
 * waiter. */

/* Tries once to take the lock. `owner` is read first, because an exchange takes the cache line
 * away from the holder's core, even when the exchange fails. */
static bool take(struct shmutex *m)
{
	pid_t free_word = 0;

	return atomic_load_explicit(&m->owner, memory_order_seq_cst) == 0 &&
	       atomic_compare_exchange_strong_explicit(&m->owner, &free_word, own_pid(),
						       memory_order_seq_cst, memory_order_seq_cst);
}

static void pause_briefly(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#else
	/* so that the compiler does not remove the loop of the caller */
	atomic_signal_fence(memory_order_seq_cst);
#endif
}

/* Tries to take the lock several times without sleeping. Most locks are held for a shorter time
 * than a process needs to sleep and wake up. With only one core the holder cannot run while
 * this process spins, so spinning is useless there. */
static bool spin(struct shmutex *m)
{
	static long cores;

	if (take(m))
		return true;
	if (cores == 0)
		cores = sysconf(_SC_NPROCESSORS_ONLN);
	for (int pauses = 1; cores > 1 && pauses < SPIN_MOST; pauses *= 2) {
		for (int i = 0; i < pauses; i++)
			pause_briefly();
		if (take(m))
			return true;
	}
	return false;
}

/*
 * Releases the lock if its owner no longer exists. Usually the master does this, but the master
 * may have been killed too. If the kernel does not know the owner's pid, the owner cannot hold
 * the lock any more. (The kernel still knows a zombie. Its parent will reap the zombie and
 * force the lock.)
 */
static void look_after_owner(struct shmutex *m)
{
	pid_t owner = atomic_load_explicit(&m->owner, memory_order_relaxed);

	if (owner != 0 && kill(owner, 0) < 0 && errno == ESRCH)
		shmutex_force_unlock(m, owner);
}

/* ---- atomic: tries again and again, at growing intervals */

static void back_off(int round)
{
	int doublings = round - YIELDS < NAP_DOUBLINGS ? round - YIELDS : NAP_DOUBLINGS;
	struct timespec nap;

	if (round < YIELDS) {
		sched_yield();
		return;
	}
	nap = (struct timespec){.tv_nsec = (long)NAP_LEAST << doublings};
	nanosleep(&nap, NULL);
}

static void lock_atomic(struct shmutex *m)
{
	for (int round = 0; !spin(m); round++) {
		back_off(round);
		if (round % LOOK_ROUNDS == LOOK_ROUNDS - 1)
			look_after_owner(m);
	}
}

/* ---- semaphore: a waiting process sleeps until an unlock wakes it
 * 
 * For each sleeping process there is either a count in `waiters` or a wake-up in the semaphore:
 * waiters + wake-ups >= sleeping processes. If a process is killed while it sleeps, `waiters`
 * stays one too high. Then a later wake-up wakes no process, or wakes a process that finds the
 * lock taken and sleeps again. If a process is killed after its wake-up and before it takes the
 * lock, this wake-up is lost. That is why no sleep is longer than WAKE_UP_MS. */

/* Subtracts one from `waiters`. Returns false if no process waits. */
static bool uncount_waiter(struct shmutex *m)
{
	int waiters = atomic_load_explicit(&m->waiters, memory_order_seq_cst);

	while (waiters > 0)
		if (atomic_compare_exchange_weak_explicit(&m->waiters, &waiters, waiters - 1,
							  memory_order_seq_cst,
							  memory_order_seq_cst))
			return true;
	return false;
}

static void wake_one(struct shmutex *m)
{
	if (uncount_waiter(m) && sem_post(&m->wake_ups) < 0)
		log_errno(log_main, LOG_ALERT, "sem_post");
}

/* Returns true if an unlock woke this process. The monotonic clock is used here: sem_timedwait
 * uses the wall clock, and would sleep longer when the wall clock is set back. */
static bool sleep_until_woken(struct shmutex *m)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += WAKE_UP_MS * 1000L * 1000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	return sem_clockwait(&m->wake_ups, CLOCK_MONOTONIC, &until) == 0;
}

/* Sleeps until the next wake-up. Returns true if this process has taken the lock. An unlock
 * does not give the lock to the woken process: that process must try to take it, like all
 * others. */
static bool wait_in_line(struct shmutex *m)
{
	atomic_fetch_add_explicit(&m->waiters, 1, memory_order_seq_cst);
	if (take(m)) {
		uncount_waiter(m);
		return true;
	}
	if (!sleep_until_woken(m)) { /* the time is over, or a signal came */
		uncount_waiter(m);
		look_after_owner(m);
	}
	return false;
}

static void lock_semaphore(struct shmutex *m)
{
	while (!spin(m) && !wait_in_line(m))
		;
}

/* ---- file: the lock is in the kernel. `owner` is stored only for force_unlock and for the
 * asserts. */

static int change_file(const struct shmutex *m, int command, short type)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = m->byte, .l_len = 1};
	int result;

	do
		result = fcntl(lock_file, command, &lock);
	while (result < 0 && errno == EINTR);
	return result;
}

static void note_owner(struct shmutex *m, pid_t pid)
{
	atomic_store_explicit(&m->owner, pid, memory_order_release);
}

static bool trylock_file(struct shmutex *m)
{
	if (change_file(m, F_SETLK, F_WRLCK) == 0) {
		note_owner(m, own_pid());
		return true;
	}
	if (errno != EAGAIN && errno != EACCES)
		log_errno(log_main, LOG_ALERT, "fcntl(F_SETLK)");
	return false;
}

/* The kernel refuses when it has no memory for one more lock. This process may not continue
 * without the lock, so it tries again and again. */
static void lock_by_file(struct shmutex *m)
{
	for (int round = YIELDS; change_file(m, F_SETLKW, F_WRLCK) < 0; round++) {
		if (round == YIELDS)
			log_errno(log_main, LOG_ALERT, "fcntl(F_SETLKW)");
		back_off(round);
	}
	note_owner(m, own_pid());
}

static void unlock_file(struct shmutex *m)
{
	note_owner(m, 0);
	if (change_file(m, F_SETLK, F_UNLCK) < 0)
		log_errno(log_main, LOG_ALERT, "fcntl(F_UNLCK)");
}

/* ---- all kinds */

int shmutex_choose(enum shmutex_kind kind, const char *path)
{
	chosen = kind;
	if (kind != SHMUTEX_FILE || lock_file >= 0)
		return 0;
	lock_file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock_file < 0)
		return -1;
	unlink(path); /* the file stays open, and child processes inherit it */
	return 0;
}

void shmutex_init(struct shmutex *m)
{
	watch_forks();
	*m = (struct shmutex){.kind = chosen};
	if (m->kind == SHMUTEX_FILE)
		m->byte = next_byte++;
	if (m->kind == SHMUTEX_SEMAPHORE && sem_init(&m->wake_ups, 1, 0) < 0) {
		log_errno(log_main, LOG_ALERT, "sem_init");
		m->kind = SHMUTEX_ATOMIC;
	}
}

void shmutex_fini(struct shmutex *m)
{
	if (m->kind == SHMUTEX_SEMAPHORE)
		sem_destroy(&m->wake_ups);
}

bool shmutex_is_mine(const struct shmutex *m)
{
	return atomic_load_explicit(&m->owner, memory_order_relaxed) == own_pid();
}

bool shmutex_trylock(struct shmutex *m)
{
	return m->kind == SHMUTEX_FILE ? trylock_file(m) : take(m);
}

void shmutex_lock(struct shmutex *m)
{
	assert(!shmutex_is_mine(m)); /* otherwise this process would wait for itself for ever */
	switch (m->kind) {
	case SHMUTEX_SEMAPHORE:
		lock_semaphore(m);
		break;
	case SHMUTEX_ATOMIC:
		lock_atomic(m);
		break;
	case SHMUTEX_FILE:
		lock_by_file(m);
		break;
	}
}

void shmutex_unlock(struct shmutex *m)
{
	assert(shmutex_is_mine(m));
	if (m->kind == SHMUTEX_FILE) {
		unlock_file(m);
		return;
	}
	atomic_store_explicit(&m->owner, 0, memory_order_seq_cst);
	if (m->kind == SHMUTEX_SEMAPHORE)
		wake_one(m);
}

bool shmutex_force_unlock(struct shmutex *m, pid_t dead)
{
	if (!atomic_compare_exchange_strong_explicit(&m->owner, &dead, 0, memory_order_seq_cst,
						     memory_order_relaxed))
		return false;
	if (m->kind == SHMUTEX_SEMAPHORE)
		wake_one(m);
	return true;
}
