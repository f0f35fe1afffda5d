#include "walk.h"

#include "scene.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

enum { INSTRUCTIONS_MOST = 200000, TOO_LONG = 98 };

static _Noreturn void too_long(void)
{
	scene_fail("alone, and with nothing to wait for, it does not end within %d instructions",
		   INSTRUCTIONS_MOST);
}

static void must_be_good(int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == TOO_LONG)
		too_long();
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		scene_fail("the process ended by itself with status %#x", status);
}

static _Noreturn void not_the_same(long instant)
{
	scene_fail("it does not do the same twice: it ended before instruction %ld", instant);
}

/* ---- by ptrace --------------------------------------------------------------------------- */

static pid_t traced(void (*f)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(1);
		raise(SIGSTOP);
		f();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		scene_not_here("ptrace is not allowed");
	return pid;
}

/* One instruction; false: it has ended. */
static bool traced_step(pid_t pid)
{
	int status;

	if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) < 0)
		scene_not_here("ptrace: %s", strerror(errno));
	waitpid(pid, &status, 0);
	if (WIFSTOPPED(status))
		return true;
	must_be_good(status);
	return false;
}

static uintptr_t traced_pc(pid_t pid)
{
	struct user_regs_struct r;
	struct iovec v = {&r, sizeof r};

	if (ptrace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &v) < 0)
		scene_not_here("ptrace: %s", strerror(errno));
#if defined __x86_64__
	return r.rip;
#elif defined __aarch64__
	return r.pc;
#else
	scene_not_here("single steps on this processor");
#endif
}

static long traced_walk(void (*f)(void), void (*look)(long, uintptr_t))
{
	pid_t pid = traced(f);
	long n = 0;

	do {
		look(n, traced_pc(pid));
		if (n == INSTRUCTIONS_MOST) {
			kill(pid, SIGKILL);
			too_long();
		}
		n++;
	} while (traced_step(pid));
	return n;
}

static pid_t traced_to(void (*f)(void), long instant)
{
	pid_t pid = traced(f);

	for (long n = 0; n < instant; n++)
		if (!traced_step(pid))
			not_the_same(instant);
	return pid;
}

/* ---- by the trap flag -------------------------------------------------------------------- */

#if defined __x86_64__

enum { TRAP_FLAG = 0x100 };

static void (*own_look)(long, uintptr_t); /* NULL: stand still at own_instant */
static long own_instant;
static long *own_count; /* shared */

/* The kernel clears the flag for a handler, and sets it again when the handler returns. */
static void on_trap(int signo, siginfo_t *info, void *context)
{
	greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
	int saved = errno;

	(void)signo, (void)info;
	if (own_look) {
		own_look(*own_count, (uintptr_t)r[REG_RIP]);
	} else if (*own_count == own_instant) {
		r[REG_EFL] &= ~TRAP_FLAG;
		kill(getpid(), SIGSTOP);
	}
	if (++*own_count > INSTRUCTIONS_MOST)
		_exit(TOO_LONG);
	errno = saved;
}

static void flag_set(bool on)
{
	unsigned long long flags = __builtin_ia32_readeflags_u64();

	__builtin_ia32_writeeflags_u64(on ? flags | TRAP_FLAG : flags & ~(unsigned long long)TRAP_FLAG);
}

static pid_t own_start(void (*f)(void))
{
	pid_t pid;

	if (!own_count)
		own_count = mmap(NULL, sizeof *own_count, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*own_count = 0;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		sigaction(SIGTRAP, &(struct sigaction){.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO}, NULL);
		flag_set(true);
		f();
		flag_set(false);
		_exit(0);
	}
	return pid;
}

static long own_walk(void (*f)(void), void (*look)(long, uintptr_t))
{
	int status;
	pid_t pid;

	own_look = look;
	pid = own_start(f);
	if (waitpid(pid, &status, 0) != pid)
		scene_not_here("a child that steps itself");
	must_be_good(status);
	return *own_count;
}

static pid_t own_to(void (*f)(void), long instant)
{
	int status;
	pid_t pid;

	own_look = NULL;
	own_instant = instant;
	pid = own_start(f);
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		not_the_same(instant);
	return pid;
}

#else

static long own_walk(void (*f)(void), void (*look)(long, uintptr_t))
{
	(void)f, (void)look;
	scene_not_here("ptrace is not allowed, and this processor has no trap flag");
}

static pid_t own_to(void (*f)(void), long instant)
{
	(void)instant;
	own_walk(f, NULL);
}

#endif

/* ---- which of the two -------------------------------------------------------------------- */

static bool may_be_traced(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0);
	return waitpid(pid, &status, 0) == pid && status == 0;
}

bool ptrace_is_refused(void)
{
	static int refused = -1;

	if (refused < 0) {
		refused = getenv("LAB_NO_PTRACE") || !may_be_traced();
		if (refused)
			scene_note("ptrace is refused here: the processes step themselves, with the trap flag");
	}
	return refused;
}

long walk(void (*f)(void), void (*look)(long n, uintptr_t pc))
{
	return ptrace_is_refused() ? own_walk(f, look) : traced_walk(f, look);
}

pid_t walk_to(void (*f)(void), long instant)
{
	return ptrace_is_refused() ? own_to(f, instant) : traced_to(f, instant);
}

void walk_on(pid_t pid)
{
	if (ptrace_is_refused())
		kill(pid, SIGCONT);
	else
		ptrace(PTRACE_DETACH, pid, NULL, NULL);
}
