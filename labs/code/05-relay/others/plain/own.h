/* No flags: every call tries everything, and EAGAIN is the only answer that stops it. */
#pragma once

#include "relay.h"

struct end {
	struct end *other;
	struct end *next; /* of the clients' ends */
	struct loop *loop;
	int fd;
	int connected, eof, shut;
	struct buffer in; /* read here, not yet sent to the other */
	struct soon soon; /* of the client's end */
};
