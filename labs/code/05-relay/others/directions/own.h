/* A session is two directions; each has a state of its own. */
#pragma once

#include "relay.h"

struct session;

struct end {
	struct session *of;
	int fd;
	unsigned can; /* EPOLLIN, EPOLLOUT */
};

enum state { FLOWS, LAST_BYTES, OVER };

struct direction {
	struct end *from, *to;
	struct buffer buffer;
	enum state state;
};

struct session {
	struct soon soon;
	struct session *newer, *older;
	struct loop *loop;
	struct end ends[2];
	struct direction ways[2];
};
