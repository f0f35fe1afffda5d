#include "loop.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64 };

struct watch {
	struct loop *loop;
	int fd;
	bool over;
	void (*on)(void *arg);
	void *arg;
	struct watch *next; /* of those that are over */
};

struct timer {
	struct loop *loop;
	int64_t due;
	void (*on)(void *arg);
	void *arg;
	struct timer *next;
};

struct loop {
	int ep;
	struct watch *over;   /* freed at the end of the turn: the batch may hold them */
	struct timer *timers; /* by due */
};

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

struct watch *loop_watch(struct loop *l, int fd, int what, void (*on)(void *arg), void *arg)
{
	struct watch *w = calloc(1, sizeof *w);
	struct epoll_event event = {.data.ptr = w};

	if (!w)
		return NULL;
	*w = (struct watch){.loop = l, .fd = fd, .on = on, .arg = arg};
	event.events =
	    (what & LOOP_READ ? EPOLLIN | EPOLLRDHUP : 0) | (what & LOOP_WRITE ? EPOLLOUT : 0);
	if (epoll_ctl(l->ep, EPOLL_CTL_ADD, fd, &event) < 0) {
		free(w);
		return NULL;
	}
	return w;
}

void watch_end(struct watch *w)
{
	if (!w)
		return;
	epoll_ctl(w->loop->ep, EPOLL_CTL_DEL, w->fd, NULL);
	w->over = true;
	w->next = w->loop->over;
	w->loop->over = w;
}

struct timer *loop_timer(struct loop *l, int ms, void (*on)(void *arg), void *arg)
{
	struct timer *t = malloc(sizeof *t), **at = &l->timers;
	int64_t due = now() + (int64_t)ms * 1000;

	if (!t)
		return NULL;
	while (*at && (*at)->due <= due)
		at = &(*at)->next;
	*t = (struct timer){l, due, on, arg, *at};
	*at = t;
	return t;
}

void timer_end(struct timer *t)
{
	struct timer **at;

	if (!t)
		return;
	for (at = &t->loop->timers; *at != t; at = &(*at)->next)
		continue;
	*at = t->next;
	free(t);
}

struct loop *loop_create(void)
{
	struct loop *l = calloc(1, sizeof *l);

	if (!l || (l->ep = epoll_create1(EPOLL_CLOEXEC)) < 0) {
		perror("epoll");
		exit(1);
	}
	return l;
}

static int until_first(const struct loop *l)
{
	int64_t left = l->timers ? l->timers->due - now() : -1;

	return !l->timers ? -1 : left <= 0 ? 0 : (int)((left + 999) / 1000);
}

static void free_over(struct loop *l)
{
	while (l->over) {
		struct watch *next = l->over->next;

		free(l->over);
		l->over = next;
	}
}

void loop_run(struct loop *l)
{
	struct epoll_event ready[BATCH];
	sigset_t none;

	sigemptyset(&none);
	while (!stopping) {
		int n = epoll_pwait(l->ep, ready, BATCH, until_first(l), &none);
		int64_t at = now();

		for (int i = 0; i < n; i++) {
			struct watch *w = ready[i].data.ptr;

			if (!w->over)
				w->on(w->arg);
		}
		while (l->timers && l->timers->due <= at) {
			struct timer t = *l->timers;

			timer_end(l->timers);
			t.on(t.arg);
		}
		free_over(l);
	}
}

void loop_destroy(struct loop *l)
{
	free_over(l);
	while (l->timers)
		timer_end(l->timers);
	close(l->ep);
	free(l);
}
