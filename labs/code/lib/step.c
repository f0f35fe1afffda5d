/*
 * step: one pass finds the instants, then each of them is a try with a process of its own. The
 * submission's code lies in a section of its own ("student"), so that its instructions are known.
 */
#include "step.h"

#include "scene.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { INSTANTS = 4096, INSTRUCTIONS_MOST = 200000, WAIT_S = 2 };

extern const char __start_student[], __stop_student[];

static int instants[INSTANTS], count;
static long instructions;
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

/* A child that stands still before its first instruction of F. */
static pid_t traced(void (*f)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(99);
		raise(SIGSTOP);
		f();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		scene_not_here("ptrace is not allowed");
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
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

pid_t step_asleep(void (*f)(void))
{
	pid_t pid = traced(f);

	/* It may wake by itself now and then: 100 calls are enough for all that does not. */
	for (int i = 0; i < 100; i++) {
		ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
		if (!next_call(pid, 10))
			return pid;
	}
	ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
	return pid;
}

void step_kill_woken(pid_t pid)
{
	next_call(pid, 100);
	end(pid);
}

/* One instruction; false: it has ended. */
static bool step(pid_t pid)
{
	int status;

	if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) < 0)
		scene_not_here("ptrace: %s", strerror(errno));
	waitpid(pid, &status, 0);
	if (WIFSTOPPED(status))
		return true;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		scene_fail("the process ended by itself with status %#x", status);
	return false;
}

static bool in_student_code(pid_t pid)
{
	struct user_regs_struct r;
	struct iovec v = {&r, sizeof r};
	uintptr_t pc;

	if (ptrace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &v) < 0)
		scene_not_here("ptrace: %s", strerror(errno));
#if defined __x86_64__
	pc = r.rip;
#elif defined __aarch64__
	pc = r.pc;
#else
	scene_not_here("single steps on this processor");
#endif
	return pc >= (uintptr_t)__start_student && pc < (uintptr_t)__stop_student;
}

/* ---- the instants ------------------------------------------------------------------------ */

static void note(long n)
{
	if (count < INSTANTS)
		instants[count++] = (int)n;
}

static void limit(pid_t pid, long n)
{
	if (n < INSTRUCTIONS_MOST)
		return;
	end(pid);
	scene_fail("alone, and with nothing to wait for, it does not end within %d instructions",
		   INSTRUCTIONS_MOST);
}

static void find_changes(const struct step_kill *s)
{
	char *before = malloc(s->size);
	pid_t pid;

	count = 0;
	s->setup();
	memcpy(before, s->memory, s->size);
	pid = traced(s->victim);
	note(0);
	for (instructions = 1; step(pid); instructions++) {
		limit(pid, instructions);
		if (memcmp(before, s->memory, s->size) != 0) {
			memcpy(before, s->memory, s->size);
			note(instructions);
		}
	}
	free(before);
}

static void find_code(const struct step_meet *s)
{
	pid_t pid;

	count = 0;
	s->setup();
	pid = traced(s->a);
	for (instructions = 0;; instructions++) {
		limit(pid, instructions);
		if (in_student_code(pid))
			note(instructions);
		if (!step(pid))
			return;
	}
}

/* `make replay N CHECK 82` tries that instant alone. */
static bool is_wanted(int instant)
{
	return !scene_order() || atoi(scene_order()) == instant;
}

static pid_t traced_until(void (*f)(void), int instant)
{
	pid_t pid = traced(f);

	for (int k = 0; k < instant; k++)
		if (!step(pid))
			scene_fail("it does not do the same twice: it ended after %d instructions", k);
	return pid;
}

pid_t step_killed_at(void (*f)(void), int instant)
{
	pid_t pid = traced_until(f, instant);

	end(pid);
	return pid;
}

/* ---- what scenes call -------------------------------------------------------------------- */

const char *step_kill(const struct step_kill *s)
{
	static char word[INSTANTS + 1];
	int n = 0;

	find_changes(s);
	for (int i = 0; i < count; i++) {
		pid_t pid;

		if (!is_wanted(instants[i]))
			continue;
		instant_now = instants[i];
		snprintf(where, sizeof where, "killed after %d of %ld instructions", instants[i],
			 instructions);
		s->setup();
		pid = traced_until(s->victim, instants[i]);
		end(pid);
		word[n++] = s->after(pid);
	}
	word[n] = '\0';
	scene_note("killed at %d instants of %ld instructions", n, instructions);
	return word;
}

void step_meet(const struct step_meet *s)
{
	int n = 0;

	find_code(s);
	for (int i = 0; i < count; i++) {
		pid_t a;

		if (!is_wanted(instants[i]))
			continue;
		instant_now = instants[i];
		snprintf(where, sizeof where, "A stopped after %d of %ld instructions", instants[i],
			 instructions);
		s->setup();
		a = traced_until(s->a, instants[i]);
		s->between();
		ptrace(PTRACE_DETACH, a, NULL, NULL);
		s->after(a);
		end(a);
		n++;
	}
	scene_note("stopped before %d instructions of %ld", n, instructions);
}
