#include "own.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const uint64_t SIGNALS = UINT64_MAX;

static int in_epoll(struct watch *w, unsigned before, unsigned now)
{
	struct epoll_event e = {0};

	if (now & READY_READ)
		e.events |= EPOLLIN;
	if (now & READY_WRITE)
		e.events |= EPOLLOUT;
	e.data.u64 = (uint64_t)w->generation << 32 | w->index;
	if (!before && !now)
		return 0;
	return epoll_ctl(w->reactor->ep, !before ? EPOLL_CTL_ADD : !now ? EPOLL_CTL_DEL : EPOLL_CTL_MOD, w->fd, &e);
}

static struct watch *slot(struct reactor *r)
{
	struct watch **more;

	for (uint32_t i = 0; i < r->slot_count; i++)
		if (!r->slots[i]->used)
			return r->slots[i];
	more = realloc(r->slots, (r->slot_count + 1) * sizeof *more);
	if (!more)
		return 0;
	r->slots = more;
	if (!(more[r->slot_count] = calloc(1, sizeof **more)))
		return 0;
	more[r->slot_count]->index = r->slot_count;
	return more[r->slot_count++];
}

struct watch *watch_start(struct reactor *r, int fd, unsigned what, void (*on)(void *, unsigned), void *arg)
{
	struct watch *w = slot(r);

	if (!w)
		return 0;
	w->reactor = r;
	w->generation++;
	w->fd = fd;
	w->what = what;
	w->on = on;
	w->arg = arg;
	if (in_epoll(w, 0, what) < 0)
		return 0;
	w->used = true;
	return w;
}

int watch_change(struct watch *w, unsigned what)
{
	if (what != w->what && in_epoll(w, w->what, what) < 0)
		return -1;
	w->what = what;
	return 0;
}

void watch_end(struct watch *w)
{
	in_epoll(w, w->what, 0);
	w->generation++;
	w->used = false;
}

void reactor_later(struct reactor *r, void (*on)(void *), void *arg)
{
	if (r->post_count == r->post_room) {
		r->post_room = r->post_room * 2 + 8;
		r->posts = realloc(r->posts, r->post_room * sizeof *r->posts);
		if (!r->posts)
			abort();
	}
	r->posts[r->post_count++] = (struct call){on, arg};
}

struct alarm *alarm_start(struct reactor *r, int64_t ms, void (*on)(void *), void *arg)
{
	struct alarm *a = 0, **more;

	for (size_t i = 0; i < r->alarm_count && !a; i++)
		if (!r->alarms[i]->set)
			a = r->alarms[i];
	if (!a) {
		more = realloc(r->alarms, (r->alarm_count + 1) * sizeof *more);
		if (!more)
			return 0;
		r->alarms = more;
		a = calloc(1, sizeof *a);
		if (!a)
			return 0;
		more[r->alarm_count++] = a;
	}
	*a = (struct alarm){r, reactor_now() + ms, ++r->order, {on, arg}, true};
	return a;
}

void alarm_end(struct alarm *a)
{
	a->set = false;
}

static struct alarm *first(struct reactor *r, uint64_t up_to)
{
	struct alarm *best = 0;

	for (size_t i = 0; i < r->alarm_count; i++) {
		struct alarm *a = r->alarms[i];

		if (a->set && a->order <= up_to && (!best || a->due < best->due))
			best = a;
	}
	return best;
}

int reactor_on_signal(struct reactor *r, int signo, void (*on)(void *), void *arg)
{
	struct epoll_event e = {.events = EPOLLIN, .data.u64 = SIGNALS};
	sigset_t all;

	sigemptyset(&all);
	r->of_signal[signo] = (struct call){on, arg};
	for (int i = 1; i < 65; i++)
		if (r->of_signal[i].on)
			sigaddset(&all, i);
	sigprocmask(SIG_BLOCK, &all, 0);
	if (r->signals >= 0)
		return signalfd(r->signals, &all, 0) < 0 ? -1 : 0;
	r->signals = signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC);
	return r->signals < 0 ? -1 : epoll_ctl(r->ep, EPOLL_CTL_ADD, r->signals, &e);
}

static void signals(struct reactor *r)
{
	struct signalfd_siginfo s;

	while (read(r->signals, &s, sizeof s) == sizeof s)
		r->of_signal[s.ssi_signo].on(r->of_signal[s.ssi_signo].arg);
}

static void tell(struct reactor *r, const struct epoll_event *e)
{
	uint32_t index = (uint32_t)e->data.u64, generation = (uint32_t)(e->data.u64 >> 32);
	struct watch *w;
	unsigned ready = 0;

	if (e->data.u64 == SIGNALS) {
		signals(r);
		return;
	}
	w = r->slots[index];
	if (!w->used || w->generation != generation)
		return;
	if (e->events & (EPOLLIN | EPOLLERR | EPOLLHUP))
		ready |= READY_READ;
	if (e->events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
		ready |= READY_WRITE;
	if (ready & w->what)
		w->on(w->arg, ready & w->what);
}

int reactor_turn(struct reactor *r, int ms)
{
	struct epoll_event events[EVENTS];
	struct alarm *a = first(r, UINT64_MAX);
	struct call *posts = r->posts;
	size_t post_count = r->post_count;
	uint64_t last;
	int64_t now;
	int n;

	if (a && (ms < 0 || a->due - reactor_now() < ms))
		ms = a->due > reactor_now() ? (int)(a->due - reactor_now()) : 0;
	if (post_count)
		ms = 0;
	r->posts = 0;
	r->post_count = r->post_room = 0;
	for (size_t i = 0; i < post_count; i++)
		posts[i].on(posts[i].arg);
	free(posts);
	n = epoll_wait(r->ep, events, EVENTS, ms);
	if (n < 0 && errno != EINTR)
		return -1;
	for (int i = 0; i < n; i++)
		tell(r, &events[i]);
	now = reactor_now();
	last = r->order;
	while ((a = first(r, last)) && a->due <= now) {
		a->set = false;
		a->call.on(a->call.arg);
	}
	return 0;
}

void reactor_run(struct reactor *r)
{
	for (r->stop = false; !r->stop;)
		if (reactor_turn(r, -1) < 0)
			return;
}

void reactor_stop(struct reactor *r)
{
	r->stop = true;
}

struct reactor *reactor_create(void)
{
	struct reactor *r = calloc(1, sizeof *r);

	if (r) {
		r->signals = -1;
		r->ep = epoll_create1(EPOLL_CLOEXEC);
	}
	return r;
}

void reactor_destroy(struct reactor *r)
{
	for (uint32_t i = 0; i < r->slot_count; i++)
		free(r->slots[i]);
	for (size_t i = 0; i < r->alarm_count; i++)
		free(r->alarms[i]);
	free(r->slots);
	free(r->alarms);
	free(r->posts);
	if (r->signals >= 0)
		close(r->signals);
	close(r->ep);
	free(r);
}
