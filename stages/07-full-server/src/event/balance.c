#include "event/balance.h"

#include "base/clock.h"
#include "event/accept.h"
#include "event/loop.h"
#include "mem/shmutex.h"

enum { TURN_LENGTH = 16 }; /* after this number of connections, another process should accept */

static struct shmutex *mutex;
static int64_t delay;
static bool held; /* true while this process holds the mutex */

/* if positive: few slots are free, so this process does not try the mutex for this number of
 * turns */
static int64_t disabled;
static int64_t disabled_until;

/* ---- when few slots are free */

int64_t balance_disabled(uint32_t slots, uint32_t free)
{
	return (int64_t)(slots / 8) - free;
}

static void before_newcomer(struct listener *l)
{
	l->in_turn++;
	disabled = balance_disabled((uint32_t)conn_stats.size,
				    (uint32_t)(conn_stats.size - conn_stats.used));
	disabled_until = now.ms + delay;
}

/* Returns true if this process should not try the mutex in this turn. There is also a time
 * limit, because an idle process would need minutes for this number of turns. */
static bool stands_back(void)
{
	if (disabled <= 0 || now.ms >= disabled_until)
		return false;
	disabled--;
	return true;
}

/* ---- without a mutex: this process moves to the end of the order in which the kernel wakes */

static void go_last(struct listener *l)
{
	if (!l->shared || l->in_turn == 0 || (l->in_turn < TURN_LENGTH && disabled <= 0))
		return;
	l->in_turn = 0;
	accept_go_last(l);
}

/* ---- with a mutex */

static void rest(struct listener *l)
{
	l->in_turn = 0;
}

static void take_turn(bool ours)
{
	held = ours;
	accept_let_shared(ours);
}

/* While this process holds the mutex, no other process may accept. So this process accepts
 * first, releases the mutex, and handles the other events later. */
static void accept_first(struct epoll_event *events, int count)
{
	if (!held)
		return;
	for (int i = 0; i < count; i++) {
		if (!accept_is_listener(events[i].data.u64))
			continue;
		conn_dispatch(events[i].data.u64, events[i].events);
		events[i].events = 0; /* the event of this listener has been handled */
	}
	held = false;
	shmutex_unlock(mutex);
}

/* ---- in each turn */

int balance_before_wait(int wait)
{
	bool has_room = accept_has_room();

	if (!accept_has_shared())
		return wait;
	if (mutex == NULL) {
		accept_let_shared(has_room);
		return wait;
	}
	take_turn(!accept_is_paused() && has_room && !stands_back() && shmutex_trylock(mutex));
	return held || (wait >= 0 && wait < delay) ? wait : (int)delay;
}

bool balance_holds_lock(void)
{
	return held;
}

void balance_init(struct shmutex *between_all, int64_t delay_ms)
{
	static const struct accept_rules exclusive = {true, before_newcomer, go_last};
	static const struct accept_rules in_turns = {false, before_newcomer, rest};
	static struct loop_hook hook = {.before_wait = balance_before_wait,
					.before_events = accept_first};

	mutex = between_all;
	delay = delay_ms;
	held = false;
	disabled = 0;
	accept_follow(mutex != NULL ? &in_turns : &exclusive);
	accept_let_shared(mutex == NULL);
	loop_add_hook(&hook);
}
