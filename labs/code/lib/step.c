/*
 * step: one pass finds the instants, then each of them is a try with a process of its own. The
 * submission's code lies in a section of its own ("student"), so that its instructions are known.
 */
#include "step.h"

#include "scene.h"
#include "walk.h"

#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { INSTANTS = 4096, WAIT_S = 2 };

extern const char __start_student[], __stop_student[];

static char where[128];
static int instant_now;

const char *step_where(void)
{
	return where;
}

int step_instant(void)
{
	return instant_now;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void nap(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
}

/* ---- processes --------------------------------------------------------------------------- */

pid_t step_start(void (*f)(void))
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		f();
		_exit(0);
	}
	return pid;
}

bool step_run(void (*f)(void))
{
	pid_t pid = step_start(f);
	double last = now() + WAIT_S * scene_slowness();
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (now() > last) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return false;
		}
		nap();
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		scene_fail("%s: a process that came later ended with status %#x", where, status);
	return true;
}

bool step_until(const _Atomic int *word, int value)
{
	double last = now() + WAIT_S * scene_slowness();

	while (*word != value) {
		if (now() > last)
			return false;
		nap();
	}
	return true;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* ---- a process that sleeps, and is killed when it wakes ------------------------------------ */

bool step_sleeps(pid_t pid)
{
	char path[64], state = '?';
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (f && fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = '?';
	if (f)
		fclose(f);
	return state == 'S';
}

/* It was sent on its way up to the next beginning or end of a system call; false: not within MS. */
static bool next_call(pid_t pid, int ms)
{
	double last = now() + ms / 1e3;
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (now() > last)
			return false;
		nap();
	}
	if (!WIFSTOPPED(status))
		scene_fail("a process that waits for the lock ended with status %#x", status);
	return true;
}

/* It may wake by itself now and then: 100 calls are enough for all that does not. */
static void trace_until_asleep(pid_t pid)
{
	for (int i = 0; i < 100; i++) {
		ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
		if (!next_call(pid, 10))
			return;
	}
	ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
}

/* Where ptrace is refused: it runs only when nothing else wants its core, and something always does. So
 * it can be woken, but does not run before it is killed. */
static pid_t busy;

static int first_core(void)
{
	cpu_set_t all;
	int core = 0;

	CPU_ZERO(&all);
	sched_getaffinity(0, sizeof all, &all);
	while (core < CPU_SETSIZE - 1 && !CPU_ISSET(core, &all))
		core++;
	return core;
}

static void pin(pid_t pid)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(first_core(), &one);
	sched_setaffinity(pid, sizeof one, &one);
}

static pid_t start_lazily(void (*f)(void))
{
	pid_t pid = step_start(f);

	pin(pid);
	sched_setscheduler(pid, SCHED_IDLE, &(struct sched_param){0});
	return pid;
}

static void run_for_ever(void)
{
	for (;;)
		continue;
}

pid_t step_asleep(void (*f)(void))
{
	pid_t pid;

	if (!ptrace_is_refused()) {
		pid = walk_to(f, 0);
		trace_until_asleep(pid);
		return pid;
	}
	pid = start_lazily(f);
	for (double last = now() + WAIT_S * scene_slowness(); !step_sleeps(pid) && now() < last;)
		nap();
	busy = step_start(run_for_ever);
	pin(busy);
	return pid;
}

void step_kill_woken(pid_t pid)
{
	if (!ptrace_is_refused()) {
		next_call(pid, 100);
		end(pid);
		return;
	}
	for (double last = now() + 0.1; step_sleeps(pid) && now() < last;)
		nap();
	end(pid);
	end(busy);
}

/* ---- the instants ------------------------------------------------------------------------ */

/* Shared: a process that walks by itself writes them. */
static struct found {
	int count, instants[INSTANTS];
} *found;

static long instructions;
static const struct step_kill *looked_at;
static char *before; /* the shared memory before the last instruction */

static void note(long n)
{
	if (found->count < INSTANTS)
		found->instants[found->count++] = (int)n;
}

static void look_for_changes(long n, uintptr_t pc)
{
	(void)pc;
	if (n == 0)
		note(n);
	else if (memcmp(before, looked_at->memory, looked_at->size) != 0) {
		memcpy(before, looked_at->memory, looked_at->size);
		note(n);
	}
}

static void look_for_code(long n, uintptr_t pc)
{
	if (pc >= (uintptr_t)__start_student && pc < (uintptr_t)__stop_student)
		note(n);
}

static void find(void (*f)(void), void (*look)(long, uintptr_t))
{
	if (!found)
		found = mmap(NULL, sizeof *found, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	found->count = 0;
	instructions = walk(f, look);
}

static void find_changes(const struct step_kill *s)
{
	looked_at = s;
	s->setup();
	before = malloc(s->size);
	memcpy(before, s->memory, s->size);
	find(s->victim, look_for_changes);
	free(before);
}

static void find_code(const struct step_meet *s)
{
	s->setup();
	find(s->a, look_for_code);
}

/* `make replay N CHECK 82` tries that instant alone. */
static bool is_wanted(int instant)
{
	if (!scene_order())
		return true;
	if (atoi(scene_order()) != instant)
		return false;
	scene_order_used();
	return true;
}

pid_t step_killed_at(void (*f)(void), int instant)
{
	pid_t pid = walk_to(f, instant);

	end(pid);
	return pid;
}

/* ---- what scenes call -------------------------------------------------------------------- */

static void at(const char *done, int instant)
{
	instant_now = instant;
	snprintf(where, sizeof where, "%s after %d of %ld instructions", done, instant, instructions);
}

const char *step_kill(const struct step_kill *s)
{
	static char word[INSTANTS + 1];
	int n = 0;

	find_changes(s);
	for (int i = 0; i < found->count; i++) {
		int instant = found->instants[i];

		if (!is_wanted(instant))
			continue;
		at("killed", instant);
		s->setup();
		word[n++] = s->after(step_killed_at(s->victim, instant));
	}
	word[n] = '\0';
	if (n > 0)
		scene_note("killed at %d instants of %ld instructions", n, instructions);
	return word;
}

void step_meet(const struct step_meet *s)
{
	int n = 0;

	find_code(s);
	for (int i = 0; i < found->count; i++) {
		int instant = found->instants[i];
		pid_t a;

		if (!is_wanted(instant))
			continue;
		at("A stopped", instant);
		s->setup();
		a = walk_to(s->a, instant);
		s->between();
		walk_on(a);
		s->after(a);
		end(a);
		n++;
	}
	if (n > 0)
		scene_note("stopped before %d instructions of %ld", n, instructions);
}
