#include "pairs.h"

#include <malloc.h>

int got[2];
static struct ep *ep;
static int pairs[2][2];

void begin(void)
{
	mallopt(M_PERTURB, 0xa5); /* memory that was freed holds junk */
	sim_reset();
	sim_pair(pairs[0]);
	sim_pair(pairs[1]);
	got[0] = got[1] = 0;
	ep = ep_create();
}

void control(int op, int pair, uint32_t wish)
{
	struct ep_event event = {wish, (uint64_t)pair};

	if (ep_ctl(ep, op, pairs[pair][0], &event) < 0)
		weave_fail("ep_ctl failed");
}

int look(int max, int timeout_ms)
{
	struct ep_event events[4];
	int n = ep_wait(ep, events, max, timeout_ms);

	if (n < 0 || n > max)
		weave_fail("ep_wait returned %d", n);
	for (int i = 0; i < n; i++)
		if (events[i].events != EP_IN)
			weave_fail("an event with the bits %#x came, not EP_IN",
				   events[i].events);
	return n;
}

void waiter(void)
{
	got[0] += look(4, -1);
}

void writer(void)
{
	sim_write(pairs[0][1], 1);
}

void finish(void)
{
	int hooks;

	ep_close(ep);
	hooks = sim_hooks(pairs[0][0]) + sim_hooks(pairs[1][0]);
	if (hooks)
		weave_fail("%d hooks are left after ep_close", hooks);
	sim_reset();
}
