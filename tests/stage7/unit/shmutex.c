/* The lock between processes, each kind, with holders and waiters that are killed. */
#include "mem/shmutex.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mem/shm.h"
#include "unit.h"

enum { PROCESSES = 8, INCREMENTS = 100000 };

static const char *const names[] = {"semaphore", "atomic", "file"};

/* What the processes of a test share. */
struct shared {
	struct shmutex lock;
	long counter; /* under the lock */
	_Atomic int entered, asleep;
};

static struct shm *memory;
static struct shared *s;
static pid_t children[PROCESSES];

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void give_birth(int number, void (*life)(void))
{
	children[number] = fork();
	CHECK(children[number] >= 0);
	if (children[number] == 0) {
		life();
		_exit(0);
	}
}

/* A child that hangs must not hang the test. */
static int burial(int number)
{
	double last = seconds() + 60;
	int status;

	while (waitpid(children[number], &status, WNOHANG) == 0) {
		if (seconds() > last) {
			printf("a process is stuck; the lock says %d\n", (int)s->lock.owner);
			kill(children[number], SIGKILL);
		}
		usleep(500);
	}
	return status;
}

static void all_end_well(int from)
{
	for (int i = from; i < PROCESSES; i++)
		CHECK_NUMBER(0, burial(i));
}

static void wait_until(const _Atomic int *number, int value)
{
	double last = seconds() + 30;

	while (*number < value) {
		CHECK(seconds() < last);
		usleep(500);
	}
}

static void kill_and_reap(int number)
{
	kill(children[number], SIGKILL);
	CHECK(WIFSIGNALED(burial(number)));
}

/* ---- lives of processes */

static long increments = INCREMENTS;

/* Not atomic, and slow enough for others to come between if the lock lets them. */
static void increment(void)
{
	long before = *(volatile long *)&s->counter;

	if (before % 4096 == 0)
		sched_yield();
	*(volatile long *)&s->counter = before + 1;
}

static void count(void)
{
	for (long i = 0; i < increments; i++) {
		shmutex_lock(&s->lock);
		increment();
		shmutex_unlock(&s->lock);
	}
}

static void hold_for_ever(void)
{
	shmutex_lock(&s->lock);
	s->entered++;
	for (;;)
		pause();
}

static void come_and_go(void)
{
	s->asleep++;
	shmutex_lock(&s->lock);
	s->entered++;
	shmutex_unlock(&s->lock);
}

static void ignore(int signo)
{
	(void)signo;
}

static void count_in_a_storm(void)
{
	struct sigaction action = {.sa_handler = ignore}; /* without SA_RESTART */
	struct itimerval often = {{0, 1000}, {0, 1000}};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	count();
}

/* ---- tests, for each kind */

static void exact_sum(void)
{
	s->counter = 0;
	for (int i = 0; i < PROCESSES; i++)
		give_birth(i, count);
	all_end_well(0);
	CHECK_NUMBER(PROCESSES * increments, s->counter);
	CHECK_NUMBER(0, s->lock.owner);
}

static void busy_and_foreign(void)
{
	CHECK(shmutex_trylock(&s->lock));
	CHECK(shmutex_is_mine(&s->lock));
	CHECK(!shmutex_force_unlock(&s->lock, getpid() + 1));
	CHECK(shmutex_is_mine(&s->lock));
	shmutex_unlock(&s->lock);
	CHECK(!shmutex_is_mine(&s->lock));
	CHECK(!shmutex_force_unlock(&s->lock, getpid()));

	s->entered = 0;
	give_birth(0, hold_for_ever);
	wait_until(&s->entered, 1);
	CHECK(!shmutex_trylock(&s->lock));
	CHECK(!shmutex_force_unlock(&s->lock, getpid()));
	CHECK(!shmutex_trylock(&s->lock));
	kill_and_reap(0);
	CHECK(shmutex_force_unlock(&s->lock, children[0]));
	CHECK(shmutex_trylock(&s->lock));
	shmutex_unlock(&s->lock);
}

/* The holder dies; seven who wait go on, soon after its burial. */
static void holder_killed(void)
{
	double began;

	s->entered = s->asleep = 0;
	give_birth(0, hold_for_ever);
	wait_until(&s->entered, 1);
	for (int i = 1; i < PROCESSES; i++)
		give_birth(i, come_and_go);
	wait_until(&s->asleep, PROCESSES - 1);
	began = seconds();
	kill_and_reap(0);
	shmutex_force_unlock(&s->lock, children[0]); /* a file's is another's by now */
	wait_until(&s->entered, PROCESSES);
	CHECK(seconds() - began < 1);
	all_end_well(1);
}

/* The holder ends and is reaped, and no process calls force_unlock. */
static void no_process_tells(void)
{
	s->entered = s->asleep = 0;
	give_birth(0, hold_for_ever);
	wait_until(&s->entered, 1);
	give_birth(1, come_and_go);
	wait_until(&s->asleep, 1);
	usleep(20000);
	kill_and_reap(0);
	CHECK_NUMBER(0, burial(1));
	CHECK_NUMBER(2, s->entered);
}

/* Waiters die asleep: with the wake-ups meant for them, perhaps. The last one still comes in.
 */
static void waiters_killed(void)
{
	shmutex_lock(&s->lock);
	s->entered = s->asleep = 0;
	for (int i = 0; i < PROCESSES; i++)
		give_birth(i, come_and_go);
	wait_until(&s->asleep, PROCESSES);
	usleep(20000);
	for (int i = 0; i < PROCESSES / 2; i++)
		kill_and_reap(i);
	shmutex_unlock(&s->lock);
	for (int i = PROCESSES / 2; i < PROCESSES - 1; i++) {
		kill(children[i], SIGKILL);
		burial(i);
		shmutex_force_unlock(&s->lock, children[i]);
	}
	CHECK_NUMBER(0, burial(PROCESSES - 1));
	CHECK(shmutex_trylock(&s->lock));
	shmutex_unlock(&s->lock);
}

static void storm(void)
{
	s->counter = 0;
	increments /= 10;
	for (int i = 0; i < PROCESSES; i++)
		give_birth(i, count_in_a_storm);
	all_end_well(0);
	CHECK_NUMBER(PROCESSES * increments, s->counter);
	increments *= 10;
}

static double children_cpu(void)
{
	struct rusage u;

	getrusage(RUSAGE_CHILDREN, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* Eight wait for a second: how much of eight processors do they use? */
static void long_hold(double most)
{
	double before = children_cpu(), used;

	shmutex_lock(&s->lock);
	s->asleep = 0;
	for (int i = 0; i < PROCESSES; i++)
		give_birth(i, come_and_go);
	wait_until(&s->asleep, PROCESSES);
	usleep(1000 * 1000);
	shmutex_unlock(&s->lock);
	all_end_well(0);
	used = children_cpu() - before;
	if (used > most)
		printf("waiting used %.3f s, of at most %.3f\n", used, most);
	CHECK(used <= most);
}

/* Nobody sleeps on until he would look by himself, a tenth of a second later. */
static void woken_at_once(void)
{
	double slept = 0, began;

	for (int i = 0; i < 20; i++) {
		shmutex_lock(&s->lock);
		s->entered = s->asleep = 0;
		give_birth(0, come_and_go);
		wait_until(&s->asleep, 1);
		usleep(5000);
		began = seconds();
		shmutex_unlock(&s->lock);
		wait_until(&s->entered, 1);
		slept += seconds() - began;
		CHECK_NUMBER(0, burial(0));
	}
	CHECK(slept < 0.5);
}

/* A clean start and no trace: the lock file is gone, the mapping is given back. */
static void run_all(enum shmutex_kind kind, bool slow)
{
	char path[] = "/tmp/lab-shmutex.XXXXXX";
	int fd = mkstemp(path);

	memory = shm_create(sizeof(*s));
	printf("%s\n", names[kind]);
	fflush(stdout);
	CHECK(memory != NULL && fd >= 0);
	close(fd);
	s = memory->memory;
	CHECK_NUMBER(0, shmutex_choose(kind, path));
	CHECK(kind != SHMUTEX_FILE || access(path, F_OK) < 0);
	unlink(path);
	shmutex_init(&s->lock);
	CHECK_NUMBER(kind, s->lock.kind);
	exact_sum();
	busy_and_foreign();
	holder_killed();
	no_process_tells();
	waiters_killed();
	storm();
	if (!slow) {
		woken_at_once();
		long_hold(kind == SHMUTEX_ATOMIC ? 1 : 0.3);
	}
	shmutex_fini(&s->lock);
	shm_put(memory);
}

static struct shm *locks;
static struct shmutex *pair;

static void hold_the_second(void)
{
	shmutex_lock(&pair[1]);
	s->entered = 1;
	for (;;)
		pause();
}

/* Two locks in one file: giving one back must not give back the other. */
static void two_in_a_file(void)
{
	memory = shm_create(sizeof(*s));
	locks = shm_create(2 * sizeof(*pair));
	s = memory->memory;
	pair = locks->memory;
	CHECK_NUMBER(0, shmutex_choose(SHMUTEX_FILE, "unused: it is open"));
	shmutex_init(&pair[0]);
	shmutex_init(&pair[1]);
	give_birth(0, hold_the_second);
	wait_until(&s->entered, 1);
	CHECK(shmutex_trylock(&pair[0]));
	CHECK(!shmutex_trylock(&pair[1]));
	shmutex_unlock(&pair[0]);
	CHECK(!shmutex_trylock(&pair[1]));
	kill_and_reap(0);
	CHECK(shmutex_trylock(&pair[1])); /* the kernel has freed it */
	shmutex_unlock(&pair[1]);
	shm_put(memory);
	shm_put(locks);
}

int main(int argc, char **argv)
{
	bool slow = argc > 1; /* valgrind */

	(void)argv;
	if (slow)
		increments /= 100;
	run_all(SHMUTEX_SEMAPHORE, slow);
	run_all(SHMUTEX_ATOMIC, slow);
	run_all(SHMUTEX_FILE, slow);
	two_in_a_file();
	CHECK_NUMBER(0, shm_stats.mappings);
	CHECK_NUMBER(0, shm_stats.bytes);
	return 0;
}
