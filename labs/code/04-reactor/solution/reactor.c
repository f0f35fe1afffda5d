/* reactor.c - a loop that knows callbacks and nothing else. */
#include "own.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* ---- watches ----------------------------------------------------------------------------- */

/* LAB-BEGIN 1: what epoll knows of a watch (about 30 lines) */
static uint32_t events_of(unsigned what)
{
	return (what & READY_READ ? (uint32_t)EPOLLIN : 0) | (what & READY_WRITE ? (uint32_t)EPOLLOUT : 0);
}

/* epoll tells of errors also where nothing was asked: a watch that sleeps is not in it at all. */
static int tell_epoll(struct watch *w)
{
	struct epoll_event e = {.events = events_of(w->what), .data.ptr = w};
	int op = w->what == 0 ? EPOLL_CTL_DEL : w->known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	if (w->what == 0 && !w->known)
		return 0;
	if (epoll_ctl(w->reactor->ep, op, w->fd, &e) < 0)
		return -1;
	w->known = w->what != 0;
	return 0;
}
/* LAB-ELSE
LAB-END */

struct watch *watch_start(struct reactor *r, int fd, unsigned what, void (*on)(void *arg, unsigned ready), void *arg)
{
	/* LAB-BEGIN 1 */
	struct watch *w = calloc(1, sizeof *w);

	if (!w)
		return NULL;
	*w = (struct watch){.reactor = r, .fd = fd, .what = what, .on = on, .arg = arg};
	if (tell_epoll(w) < 0) {
		free(w);
		return NULL;
	}
	w->next = r->watches;
	if (w->next)
		w->next->previous = w;
	r->watches = w;
	return w;
	/* LAB-ELSE
	(void)r, (void)fd, (void)what, (void)on, (void)arg;
	errno = ENOSYS;
	return NULL;
	LAB-END */
}

int watch_change(struct watch *w, unsigned what)
{
	/* LAB-BEGIN 1 */
	unsigned before = w->what;

	if (what == before)
		return 0;
	w->what = what;
	if (tell_epoll(w) == 0)
		return 0;
	w->what = before;
	return -1;
	/* LAB-ELSE
	(void)w, (void)what;
	errno = ENOSYS;
	return -1;
	LAB-END */
}

void watch_end(struct watch *w)
{
	/* LAB-BEGIN 2: the array that epoll_wait filled may still hold its address */
	struct reactor *r = w->reactor;

	w->what = 0;
	tell_epoll(w);
	w->dead = true;
	if (w->previous)
		w->previous->next = w->next;
	else
		r->watches = w->next;
	if (w->next)
		w->next->previous = w->previous;
	w->next = r->dead;
	r->dead = w;
	/* LAB-ELSE
	(void)w;
	LAB-END */
}

/* ---- posts, alarms, signals -------------------------------------------------------------- */

void reactor_later(struct reactor *r, void (*on)(void *arg), void *arg)
{
	/* LAB-BEGIN 4: a list, the oldest first (about 40 lines with posts_call) */
	struct post *p = malloc(sizeof *p);

	if (!p)
		abort(); /* the contract has no way to say it */
	*p = (struct post){NULL, on, arg};
	*r->posts_end = p;
	r->posts_end = &p->next;
	/* LAB-ELSE
	(void)r, (void)on, (void)arg;
	LAB-END */
}

/* LAB-BEGIN 4 */
/* Those that were posted before this turn; a call that posts another one posts it for the next. */
static void posts_call(struct reactor *r)
{
	struct post *now = r->posts;

	r->posts = NULL;
	r->posts_end = &r->posts;
	while (now) {
		struct post p = *now;

		free(now);
		now = p.next;
		p.on(p.arg);
	}
}
/* LAB-ELSE
LAB-END */

struct alarm *alarm_start(struct reactor *r, int64_t ms, void (*on)(void *arg), void *arg)
{
	/* LAB-BEGIN 5: a sorted list (about 50 lines) */
	struct alarm *a = malloc(sizeof *a), **at = &r->alarms;

	if (!a)
		return NULL;
	*a = (struct alarm){.due = reactor_now() + ms, .number = ++r->alarm_count, .on = on, .arg = arg};
	while (*at && (*at)->due <= a->due)
		at = &(*at)->next;
	a->next = *at;
	a->link = at;
	if (a->next)
		a->next->link = &a->next;
	*at = a;
	return a;
	/* LAB-ELSE
	(void)r, (void)ms, (void)on, (void)arg;
	errno = ENOSYS;
	return NULL;
	LAB-END */
}

void alarm_end(struct alarm *a)
{
	/* LAB-BEGIN 5 */
	*a->link = a->next;
	if (a->next)
		a->next->link = a->link;
	free(a);
	/* LAB-ELSE
	(void)a;
	LAB-END */
}

/* LAB-BEGIN 5 */
/* Those that were started before this turn: an alarm that starts one of 0 ms does not hold it up. */
static void alarms_ring(struct reactor *r)
{
	int64_t now = reactor_now();
	uint64_t last = r->alarm_count;

	while (r->alarms && r->alarms->due <= now && r->alarms->number <= last) {
		struct alarm a = *r->alarms;

		alarm_end(r->alarms);
		a.on(a.arg);
	}
}
/* LAB-ELSE
LAB-END */

/* LAB-BEGIN 5: a signal becomes a descriptor (about 50 lines) */
static void on_signals(void *arg, unsigned ready)
{
	struct reactor *r = arg;
	struct signalfd_siginfo info;

	(void)ready;
	while (read(r->signal_fd, &info, sizeof info) == sizeof info)
		for (struct sign *s = r->signs; s; s = s->next)
			if (s->signo == (int)info.ssi_signo)
				s->on(s->arg);
}

/* The first signal makes the descriptor; the next ones are added to it. */
static int signal_add(struct reactor *r, const sigset_t *all)
{
	int fd = signalfd(r->signal_watch ? r->signal_fd : -1, all, SFD_NONBLOCK | SFD_CLOEXEC);

	if (fd < 0)
		return -1;
	r->signal_fd = fd;
	if (!r->signal_watch)
		r->signal_watch = watch_start(r, fd, READY_READ, on_signals, r);
	return r->signal_watch ? 0 : -1;
}
/* LAB-ELSE
LAB-END */

int reactor_on_signal(struct reactor *r, int signo, void (*on)(void *arg), void *arg)
{
	/* LAB-BEGIN 5 */
	struct sign *s = malloc(sizeof *s);
	sigset_t all;

	if (!s)
		return -1;
	*s = (struct sign){r->signs, signo, on, arg};
	sigemptyset(&all);
	for (struct sign *known = s; known; known = known->next)
		sigaddset(&all, known->signo);
	if (sigprocmask(SIG_BLOCK, &all, NULL) < 0 || signal_add(r, &all) < 0) {
		free(s);
		return -1;
	}
	r->signs = s;
	return 0;
	/* LAB-ELSE
	(void)r, (void)signo, (void)on, (void)arg;
	errno = ENOSYS;
	return -1;
	LAB-END */
}

/* LAB-BEGIN 5 */
/* Rounded to what an int holds; most_ms is -1 where nothing limits it. */
static int wait_ms(const struct reactor *r, int most_ms)
{
	int64_t left;

	if (r->posts)
		return 0;
	if (!r->alarms)
		return most_ms;
	left = r->alarms->due - reactor_now();
	if (left < 0)
		left = 0;
	return most_ms >= 0 && most_ms < left ? most_ms : left > 1000000 ? 1000000 : (int)left;
}
/* LAB-ELSE
LAB-END */

/* ---- turns ------------------------------------------------------------------------------- */

/* LAB-BEGIN 3: calls, and who is dead (about 40 lines) */
static void watch_call(struct watch *w, uint32_t events)
{
	unsigned ready = 0;

	if (w->dead)
		return;
	if (events & (EPOLLERR | EPOLLHUP))
		ready = w->what;
	if (events & EPOLLIN)
		ready |= w->what & READY_READ;
	if (events & EPOLLOUT)
		ready |= w->what & READY_WRITE;
	if (ready)
		w->on(w->arg, ready);
}

/* The batch is over: no array holds the address of a dead watch any more. */
static void dead_free(struct reactor *r)
{
	while (r->dead) {
		struct watch *w = r->dead;

		r->dead = w->next;
		free(w);
	}
}
/* LAB-ELSE
LAB-END */

int reactor_turn(struct reactor *r, int most_ms)
{
	/* LAB-BEGIN 1 */
	struct epoll_event ready[EVENTS];
	int ms = wait_ms(r, most_ms), n;

	posts_call(r); /* before all callbacks: what those post is for the next turn */
	n = epoll_wait(r->ep, ready, EVENTS, ms);
	if (n < 0 && errno != EINTR)
		return -1;
	for (int i = 0; i < n; i++)
		watch_call(ready[i].data.ptr, ready[i].events);
	dead_free(r);
	alarms_ring(r);
	dead_free(r);
	return 0;
	/* LAB-ELSE
	(void)r, (void)most_ms;
	errno = ENOSYS;
	return -1;
	LAB-END */
}

void reactor_run(struct reactor *r)
{
	/* LAB-BEGIN 6: a loop of turns */
	r->stopped = false;
	while (!r->stopped && reactor_turn(r, -1) == 0)
		continue;
	/* LAB-ELSE
	(void)r;
	LAB-END */
}

void reactor_stop(struct reactor *r)
{
	/* LAB-BEGIN 6 */
	r->stopped = true;
	/* LAB-ELSE
	(void)r;
	LAB-END */
}

struct reactor *reactor_create(void)
{
	/* LAB-BEGIN 1 */
	struct reactor *r = calloc(1, sizeof *r);

	if (!r)
		return NULL;
	r->posts_end = &r->posts;
	r->ep = epoll_create1(EPOLL_CLOEXEC);
	if (r->ep < 0) {
		free(r);
		return NULL;
	}
	return r;
	/* LAB-ELSE
	return calloc(1, sizeof(struct reactor));
	LAB-END */
}

void reactor_destroy(struct reactor *r)
{
	/* LAB-BEGIN 6 */
	while (r->watches)
		watch_end(r->watches);
	dead_free(r);
	while (r->alarms)
		alarm_end(r->alarms);
	while (r->posts) {
		struct post *p = r->posts;

		r->posts = p->next;
		free(p);
	}
	while (r->signs) {
		struct sign *s = r->signs;

		r->signs = s->next;
		free(s);
	}
	if (r->signal_watch)
		close(r->signal_fd);
	close(r->ep);
	free(r);
	/* LAB-ELSE
	free(r);
	LAB-END */
}
