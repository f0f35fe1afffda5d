#include "shared.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct shared *s;
const char *const kind_names[3] = {"LOCK_ATOMIC", "LOCK_SEMAPHORE", "LOCK_FILE"};
int lock_file = -1;
static enum lock_kind kind_now;

static void init_lock(void)
{
	lock_init(&s->lock, kind_now, lock_file);
}

void begin(enum lock_kind kind)
{
	if (!s) {
		s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			 -1, 0);
		lock_file = fileno(tmpfile());
	}
	memset(s, 0, sizeof *s);
	for (int i = 0; i < ACCOUNTS; i++)
		s->ledger.balance[i] = FIRST;
	kind_now = kind;
	if (!step_run(init_lock))
		scene_fail("lock_init does not return");
}

const char *result_name(int result)
{
	static const char *const names[] = {"OK", "ABANDONED", "BUSY"};

	return result >= 0 && result < 3 ? names[result] : "a result that does not exist";
}

void hold(void)
{
	s->result = (int)lock_acquire(&s->lock);
	s->inside = 1;
	while (!s->go)
		nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
	lock_release(&s->lock);
}

void pass(void)
{
	long sum = 0;

	s->result = (int)lock_acquire(&s->lock);
	if (s->result == LOCK_ABANDONED)
		ledger_repair(&s->ledger);
	for (int i = 0; i < ACCOUNTS; i++)
		sum += s->ledger.balance[i];
	s->sum = sum;
	lock_release(&s->lock);
}

void tell_of_death(void)
{
	s->was_owner = lock_owner_died(&s->lock, s->dead);
}

void death(pid_t dead)
{
	s->dead = dead;
	if (!step_run(tell_of_death))
		scene_fail("lock_owner_died does not return");
}

pid_t holder(void)
{
	pid_t pid;

	s->inside = s->go = 0;
	pid = step_start(hold);
	if (!step_until(&s->inside, 1))
		scene_fail("%s: lock_acquire of a free lock does not return",
			   kind_names[kind_now]);
	return pid;
}

void kill_and_reap(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

void until_asleep(pid_t pid)
{
	for (int i = 0; i < 20000; i++) {
		if (step_sleeps(pid))
			return;
		nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
	}
	scene_fail("%s: a process that waits for the lock does not sleep",
		   kind_names[kind_now]);
}

void must_pass(const char *who, const char *when)
{
	s->result = -1;
	if (!step_run(pass))
		scene_fail("%s, %s: %s should get the lock, but it waits", kind_names[kind_now],
			   when, who);
	if (s->sum != TOTAL)
		scene_fail("%s, %s: the sum should be %d, but it is %ld (%s got %s)",
			   kind_names[kind_now], when, TOTAL, s->sum, who,
			   result_name(s->result));
}
