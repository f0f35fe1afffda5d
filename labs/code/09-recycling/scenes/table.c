#include "table.h"

#include <string.h>

enum { DESCRIPTORS = 16 };

uint64_t first;
int winners;
static int shut[DESCRIPTORS], closed[DESCRIPTORS], held[DESCRIPTORS];

void io_shutdown(int fd)
{
	weave_point();
	shut[fd]++;
	if (closed[fd])
		weave_fail("descriptor %d was shut down after it was closed", fd);
}

void io_close(int fd)
{
	weave_point();
	if (held[fd])
		weave_fail("descriptor %d was closed while a thread holds it", fd);
	if (closed[fd]++)
		weave_fail("descriptor %d was closed twice", fd);
}

void table_begin(uint32_t slots, int64_t park_ms)
{
	memset(shut, 0, sizeof shut);
	memset(closed, 0, sizeof closed);
	memset(held, 0, sizeof held);
	winners = 0;
	slots_init(slots, park_ms);
	first = slot_open(5);
}

void user(void)
{
	int fd = slot_acquire(first);

	if (fd == -1)
		return;
	if (fd != 5)
		weave_fail("the handle of descriptor 5 gave descriptor %d, which is another client's", fd);
	held[5]++;
	weave_point();
	if (closed[5])
		weave_fail("descriptor 5 is closed while a thread holds it");
	held[5]--;
	slot_release(first);
}

void closer(void)
{
	winners += slot_close(first);
}

void closed_once(void)
{
	if (winners != 1)
		weave_fail("slot_close said true to %d threads, it should say it to one", winners);
	if (shut[5] != 1)
		weave_fail("descriptor 5 was shut down %d times, not once", shut[5]);
	if (closed[5] != 1)
		weave_fail("descriptor 5 was closed %d times, not once", closed[5]);
}
