/* watch_end frees at once, after it has taken the watch out of the batch that is being told. */
#pragma once

#include "reactor.h"

#include <stdbool.h>
#include <stddef.h>

struct watch {
	struct watch *next, *previous; /* of the reactor's; of the dead: next alone */
	struct reactor *reactor;
	int fd;
	unsigned what;
	bool known; /* to epoll */
	void (*on)(void *arg, unsigned ready);
	void *arg;
};

struct alarm {
	struct alarm *next, **link; /* sorted: the first to ring comes first */
	int64_t due;
	uint64_t number;
	void (*on)(void *arg);
	void *arg;
};

struct post {
	struct post *next;
	void (*on)(void *arg);
	void *arg;
};

struct sign {
	struct sign *next;
	int signo;
	void (*on)(void *arg);
	void *arg;
};

struct reactor {
	int ep;
	bool stopped;
	struct watch *watches;
	struct epoll_event *batch; /* the events that are not told yet */
	int batch_count;
	struct alarm *alarms;
	uint64_t alarm_count; /* that were ever started */
	struct post *posts, **posts_end;
	struct sign *signs;
	int signal_fd;
	struct watch *signal_watch;
};
