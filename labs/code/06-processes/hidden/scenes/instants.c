/* Killed, or stopped, at every instant: from taking the lock to giving it back. */
#include "shared.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static enum lock_kind kind;
static int half; /* an instant at which the accounts are in the middle of a transfer */

static void setup(void)
{
	begin(kind);
}

static void victim(void)
{
	if (lock_acquire(&s->lock) == LOCK_ABANDONED)
		ledger_repair(&s->ledger);
	ledger_transfer(&s->ledger, 0, 1, 7);
	lock_release(&s->lock);
}

static long sum(void)
{
	long total = 0;

	for (int i = 0; i < ACCOUNTS; i++)
		total += s->ledger.balance[i];
	return total;
}

static char look(pid_t dead)
{
	bool is_half = sum() != TOTAL;

	death(dead);
	must_pass("the next process", step_where());
	if (s->result == LOCK_ABANDONED && (is_half || !half))
		half = step_instant();
	return "oA?"[s->result];
}

/* o A o: one stretch, from taking to giving back. */
static void one_stretch(const char *word)
{
	size_t before = strspn(word, "o"), inside = strspn(word + before, "A"),
	       after = strspn(word + before + inside, "o");

	if (before == 0 || inside == 0 || before + inside + after != strlen(word))
		scene_fail("%s: killed at each instant; the next process got (o: OK, A: "
			   "ABANDONED) %s; it "
			   "should be o, then A, then o",
			   kind_names[kind], word);
}

/* ---- the one that repairs is killed ------------------------------------------------------ */

static void setup_abandoned(void)
{
	begin(kind);
	death(step_killed_at(victim, half));
}

static char look_again(pid_t dead)
{
	death(dead);
	must_pass("the third process", step_where());
	return "oA?"[s->result];
}

SCENE(every_instant)
{
	for (kind = LOCK_ATOMIC; kind <= LOCK_FILE; kind++) {
		struct step_kill kill = {.setup = setup, .victim = victim, .after = look};
		const char *word;

		half = 0;
		setup();
		kill.memory = s;
		kill.size = offsetof(struct shared, inside);
		word = step_kill(&kill);
		if (scene_order())
			continue;
		one_stretch(word);
		kill.setup = setup_abandoned;
		kill.victim = pass;
		kill.after = look_again;
		step_kill(&kill);
	}
}

/* ---- two at once ------------------------------------------------------------------------- */

enum { OUTSIDE, INSIDE, GIVES, GAVE };
static pid_t b;
static bool b_is_killed;

static void a_passes(void)
{
	s->result = (int)lock_acquire(&s->lock);
	s->inside = INSIDE;
	s->inside = GIVES;
	lock_release(&s->lock);
	s->inside = GAVE;
}

/* count: 10 and what lock_try said to B */
static void b_tries(void)
{
	s->count = 10 + (int)lock_try(&s->lock);
	while (!s->go)
		nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
	if (s->count != 10 + LOCK_BUSY)
		lock_release(&s->lock);
}

static void setup_two(void)
{
	begin(kind);
	s->result = -1;
}

static bool b_has_it(void)
{
	return s->count != 10 + LOCK_BUSY;
}

static void b_comes(void)
{
	b = step_start(b_tries);
	for (int i = 0; s->count < 10; i++) {
		nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
		if (i > 100000)
			scene_fail("%s, %s: lock_try of B does not return", kind_names[kind],
				   step_where());
	}
	if (b_has_it() && s->inside == INSIDE)
		scene_fail("%s, %s: A is inside, and B got the lock too", kind_names[kind],
			   step_where());
	if (b_is_killed && b_has_it()) {
		kill_and_reap(b);
		death(b);
	}
}

static void a_ends(void)
{
	if (!step_until(&s->inside, GAVE))
		scene_fail("%s, %s: B is gone; A should go on, but it waits", kind_names[kind],
			   step_where());
}

/* B holds the lock, A goes on: it must not be inside. */
static void a_goes_on(pid_t a)
{
	(void)a;
	if (b_has_it() && s->inside == OUTSIDE) {
		nanosleep(&(struct timespec){.tv_nsec = 3000000}, NULL);
		if (s->inside != OUTSIDE)
			scene_fail("%s, %s: B took the lock, A went on, and both are inside",
				   kind_names[kind], step_where());
	}
	s->go = 1;
	waitpid(b, NULL, 0);
	a_ends();
}

/* B was killed inside: A hears of it, or the one after A. */
static void a_goes_on_alone(pid_t a)
{
	bool heard;

	(void)a;
	if (!b_has_it()) {
		s->go = 1;
		waitpid(b, NULL, 0);
		a_ends();
		return;
	}
	a_ends();
	heard = s->result == LOCK_ABANDONED;
	must_pass("the next process", step_where());
	if (!heard && s->result != LOCK_ABANDONED)
		scene_fail("%s, %s: B took the lock and was killed inside, then A went on; the "
			   "next process "
			   "should get ABANDONED, but it was OK",
			   kind_names[kind], step_where());
}

SCENE(two_at_once)
{
	for (kind = LOCK_ATOMIC; kind <= LOCK_FILE; kind++) {
		struct step_meet meet = {
		    .setup = setup_two,
		    .a = a_passes,
		    .between = b_comes,
		    .after = a_goes_on,
		};

		b_is_killed = false;
		step_meet(&meet);
		b_is_killed = true;
		meet.after = a_goes_on_alone;
		step_meet(&meet);
	}
}

/* ---- a waiter is killed ------------------------------------------------------------------ */

enum { WAITERS = 4 };

static void wait_and_pass(void)
{
	lock_acquire(&s->lock);
	s->count++;
	lock_release(&s->lock);
}

static void wait_only(void)
{
	lock_acquire(&s->lock);
	lock_release(&s->lock);
}

/* The first one that sleeps is woken, and killed before it runs. The others must not wait for it. */
static void first_is_killed(void)
{
	pid_t owner, first, waiter[WAITERS];
	bool in_time;

	begin(kind);
	owner = holder();
	first = step_asleep(wait_only);
	for (int i = 0; i < WAITERS; i++)
		until_asleep(waiter[i] = step_start(wait_and_pass));
	s->go = 1;
	waitpid(owner, NULL, 0);
	step_kill_woken(first);
	death(first);
	in_time = step_until(&s->count, WAITERS);
	for (int i = 0; i < WAITERS; i++)
		kill_and_reap(waiter[i]);
	if (!in_time)
		scene_fail("%s: the first of five waiters is woken and killed; %d of four others "
			   "got the lock",
			   kind_names[kind], s->count);
}

SCENE(waiter_killed)
{
	for (kind = LOCK_ATOMIC; kind <= LOCK_FILE; kind++)
		first_is_killed();
}
