/* Timers against a naive model, with a clock that the test moves. */
#include "event/timer.h"

#include "base/clock.h"
#include "unit.h"

enum { TIMERS = 200, ROUNDS = 300000 };

static struct timer timers[TIMERS];
static int64_t model[TIMERS]; /* when each is due; 0: not running */
static long fired;

static void on_due(struct timer *t)
{
	size_t i = (size_t)(t - timers);

	CHECK(model[i] != 0 && model[i] <= now.ms);
	model[i] = 0;
	fired++;
	if (fired % 7 == 0) { /* started anew in its own callback: not in this round */
		timer_start(t, 0);
		model[i] = now.ms + 1;
	}
	if (fired % 11 == 0) { /* another one is stopped: it may have been due as well */
		timer_stop(&timers[(i + 1) % TIMERS]);
		model[(i + 1) % TIMERS] = 0;
	}
}

static void check_none_is_late(void)
{
	for (int i = 0; i < TIMERS; i++)
		CHECK(model[i] == 0 || model[i] > now.ms);
}

static void against_model(void)
{
	now.ms = 1000;
	for (int i = 0; i < TIMERS; i++)
		timer_init(&timers[i], on_due);
	srand(2);
	for (int round = 0; round < ROUNDS; round++) {
		int i = rand() % TIMERS;

		switch (rand() % 4) {
		case 0:
		case 1:
			model[i] = now.ms + 1 + rand() % 500;
			timer_start(&timers[i], model[i] - now.ms);
			break;
		case 2:
			if (rand() % 2)
				timer_stop(&timers[i]);
			else
				timer_remove(&timers[i]);
			model[i] = 0;
			break;
		case 3:
			now.ms += rand() % 20;
			timers_run();
			check_none_is_late();
			break;
		}
	}
	CHECK(fired > 1000);
}

static void never_late(void)
{
	CHECK(timers_next() >= 0);
	now.ms += 3600 * 1000; /* the machine slept */
	timers_run();
	check_none_is_late();
	for (int i = 0; i < TIMERS; i++)
		timer_remove(&timers[i]);
	CHECK_NUMBER(-1, timers_next());
	CHECK_NUMBER(0, timers_queued);
}

int main(void)
{
	against_model();
	never_late();
	timers_fini();
	return 0;
}
