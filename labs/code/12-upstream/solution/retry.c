/* retry.c - the backend has ended a connection before the answer was complete. Once more, or not? */
#include "front.h"

void backend_ended(struct request *r, bool reused, bool any_byte)
{
	/* LAB-BEGIN 7: a request may have been done by the backend, or not (about 6 lines) */
	/* An idle connection may be closed while we send. The backend has not seen the request then. A
	 * fresh one cannot be so old: what it does, it does to this request. */
	if (reused && !any_byte)
		request_again(r, true);
	else
		request_fail(r);
	/* LAB-ELSE
	(void)reused, (void)any_byte;
	request_fail(r);
	LAB-END */
}
