#include "event/loop.h"
#include "event/timer.h"
#include "log.h"

#include <unistd.h>

static void on_timeout(struct timer *t)
{
	conn_close(t);
}

void server_run(int listener)
{
	struct timer timer;

	timer_start(&timer);
	while (!stopping) {
		loop_turn(listener);
		timer_run();
	}
}

void server_end(int listener)
{
	close(listener);
	log_line("end");
}
