/* Many processes want the lock. */
#include "shared.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COUNTERS = 4, WAITERS = 8, WOKEN_MS = 20, WAIT_NS = 400000000, LOOK_MS = 20, SLEEPS_MORE = 20 };
static int rounds;

static void count_up(void)
{
	while (!s->go)
		nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
	for (int i = 0; i < rounds; i++) {
		lock_acquire(&s->lock);
		s->plain = s->plain + 1;
		lock_release(&s->lock);
	}
	s->count++;
}

SCENE(adds_up)
{
	for (int kind = LOCK_ATOMIC; kind <= LOCK_FILE; kind++) {
		pid_t pid[COUNTERS];
		bool in_time;

		begin((enum lock_kind)kind);
		rounds = kind == LOCK_FILE ? 500 : 4000;
		for (int i = 0; i < COUNTERS; i++)
			pid[i] = step_start(count_up);
		s->go = 1;
		in_time = step_until(&s->count, COUNTERS);
		for (int i = 0; i < COUNTERS; i++)
			kill_and_reap(pid[i]);
		if (!in_time)
			scene_fail("%s: four processes take the lock %d times each; they are "
				   "not ready",
				   kind_names[kind], rounds);
		if (s->plain != COUNTERS * rounds)
			scene_fail("%s: four processes add 1 %d times each: should be %d, but "
				   "it is %ld",
				   kind_names[kind], rounds, COUNTERS * rounds, s->plain);
	}
}

static struct rusage killed_waiter(pid_t pid)
{
	struct rusage u = {0};

	kill(pid, SIGKILL);
	wait4(pid, NULL, 0, &u);
	return u;
}

static double cpu_of(const struct rusage *u)
{
	return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
	       (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e6;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void come_in(void)
{
	lock_acquire(&s->lock);
	s->count = 1;
	lock_release(&s->lock);
}

/* From giving it back to the waiter that gets it, in ms. */
static double hand_over(void)
{
	pid_t owner = holder(), waiter;
	double began;

	s->count = 0;
	waiter = step_start(come_in);
	until_asleep(waiter);
	nanosleep(&(struct timespec){.tv_nsec = 3000000}, NULL);
	began = now();
	s->go = 1;
	if (!step_until(&s->count, 1))
		scene_fail("the lock was given back, but the waiter does not get it");
	began = now() - began;
	waitpid(owner, NULL, 0);
	waitpid(waiter, NULL, 0);
	return began * 1000;
}

/* The fastest of many tries: a busy machine can't make all of them slow. */
static void is_woken(int kind)
{
	double fastest = 1e9;

	for (int i = 0; i < 20 && fastest >= WOKEN_MS; i++) {
		double ms = hand_over();

		if (ms < fastest)
			fastest = ms;
	}
	if (fastest >= WOKEN_MS)
		scene_fail("%s: the lock is given back; a sleeping waiter should have it "
			   "within %d ms in one "
			   "of 20 tries, but the fastest took %.0f ms",
			   kind_names[kind], WOKEN_MS, fastest);
}

/* What eight processes cost that wait, and how often one of them fell asleep. */
static void waits_cheaply(int kind)
{
	double cpu = 0, most = kind == LOCK_ATOMIC ? 0.5 : 0.2, began = now();
	pid_t owner = holder(), waiter[WAITERS];
	long sleeps = 0, ms;

	for (int i = 0; i < WAITERS; i++)
		waiter[i] = step_start(pass);
	nanosleep(&(struct timespec){.tv_nsec = WAIT_NS}, NULL);
	for (int i = 0; i < WAITERS; i++) {
		struct rusage u = killed_waiter(waiter[i]);

		cpu += cpu_of(&u);
		if (u.ru_nvcsw > sleeps)
			sleeps = u.ru_nvcsw;
	}
	ms = (long)((now() - began) * 1000);
	kill_and_reap(owner);
	scene_note("%s: eight waiters, %ld ms: %.3f s of CPU, at most %ld sleeps each", kind_names[kind], ms, cpu,
		   sleeps);
	if (cpu > most)
		scene_fail("%s: eight processes wait for 0.4 s: together they should use less than %.1f s of "
			   "CPU, but it was %.2f s",
			   kind_names[kind], most, cpu);
	if (kind != LOCK_ATOMIC && sleeps > SLEEPS_MORE + ms / LOOK_MS)
		scene_fail("%s: a waiter waits for %ld ms: it should look at most every %d ms, but it fell "
			   "asleep %ld times",
			   kind_names[kind], ms, LOOK_MS, sleeps);
}

SCENE(asleep)
{
	for (int kind = LOCK_ATOMIC; kind <= LOCK_FILE; kind++) {
		begin((enum lock_kind)kind);
		waits_cheaply(kind);
		begin((enum lock_kind)kind);
		is_woken(kind);
	}
}
