/* A table of slots; epoll gets an index and a generation, never a pointer. */
#pragma once

#include "reactor.h"

#include <stdbool.h>
#include <stddef.h>

struct call {
	void (*on)(void *arg);
	void *arg;
};

struct watch {
	struct reactor *reactor;
	uint32_t index, generation;
	bool used;
	int fd;
	unsigned what;
	void (*on)(void *arg, unsigned ready);
	void *arg;
};

struct alarm {
	struct reactor *reactor;
	int64_t due;
	uint64_t order;
	struct call call;
	bool set;
};

struct reactor {
	int ep, signals;
	bool stop;
	struct watch **slots;
	uint32_t slot_count;
	struct alarm **alarms;
	size_t alarm_count;
	uint64_t order;
	struct call *posts;
	size_t post_count, post_room;
	struct call of_signal[65];
};
