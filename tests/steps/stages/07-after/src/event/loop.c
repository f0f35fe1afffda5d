#include "event/loop.h"

/* Of many events, the first. */
static int first(int ready)
{
	return ready & -ready;
}

void loop_turn(int listener)
{
	int ready = wait(listener);

	while (ready) {
		int one = first(ready);

		if (one == listener)
			on_accept(listener);
		else
			on_event(one);
		ready &= ~one;
	}
	if (stopping)
		close(listener);
	else
		run_posted();
}
