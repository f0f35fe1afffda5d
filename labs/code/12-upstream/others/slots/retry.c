#include "front.h"

void backend_ended(struct request *r, bool reused, bool any_byte)
{
	bool old_and_silent = reused && !any_byte;

	old_and_silent ? request_again(r, true) : request_fail(r);
}
