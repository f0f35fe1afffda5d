/*
 * weave.h - threads that run in every order. A lab uses these instead of C11 atomics and pthreads.
 * The ordinary build maps them to those. With -DWEAVE the threads are coroutines in one thread:
 * at each of these calls another one may go on, and weave_all tries every order.
 *
 * weave sees only what goes through these calls, in sequentially consistent order. A plain variable
 * shared by threads is invisible to it: ThreadSanitizer finds those.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef WEAVE

#include <stddef.h>

struct w_word {
	uint64_t v;
};
struct w_lock {
	int owner;
};
struct w_cond {
	int unused;
};

uint64_t w_load(struct w_word *w);
void w_store(struct w_word *w, uint64_t v);
bool w_cas(struct w_word *w, uint64_t *expected, uint64_t v); /* false: *expected is what it was */
uint64_t w_add(struct w_word *w, uint64_t v);		      /* the value before */
void w_take(struct w_lock *l);
void w_give(struct w_lock *l);
bool w_wait(struct w_cond *c, struct w_lock *l, int ms); /* -1: for ever; false: the time is up */
void w_wake_one(struct w_cond *c);
void w_wake_all(struct w_cond *c);

/* ---- for scenes ---- */

enum { WEAVE_THREADS = 4 };

struct weave {
	void (*setup)(void);			/* before each order */
	void (*thread[WEAVE_THREADS])(void);	/* up to the first NULL */
	const char *name[WEAVE_THREADS];	/* for the message: "user", "closer" */
	void (*after)(void);			/* when all have ended; may be NULL */
	int switches; /* how often a thread may be stopped that could go on; -1: no limit. With three
		       * threads 2 is enough to find nearly everything, and it ends */
};

/* Tries every order; the scene fails with the first bad one. */
void weave_all(const struct weave *w);

/* In a thread, in setup or in after: this order is bad. */
void weave_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Another thread may go on here: for hooks such as io_close, which threads can see. */
void weave_point(void);

/* Where the thread is, for the list of steps of a bad order: FILE may be NULL. */
void weave_at(const char *file, int line, const char *what);

#ifndef WEAVE_ITSELF
#define w_load(w) (weave_at(__FILE__, __LINE__, "w_load"), w_load(w))
#define w_store(w, v) (weave_at(__FILE__, __LINE__, "w_store"), w_store(w, v))
#define w_cas(w, e, v) (weave_at(__FILE__, __LINE__, "w_cas"), w_cas(w, e, v))
#define w_add(w, v) (weave_at(__FILE__, __LINE__, "w_add"), w_add(w, v))
#define w_take(l) (weave_at(__FILE__, __LINE__, "w_take"), w_take(l))
#define w_wait(c, l, ms) (weave_at(__FILE__, __LINE__, "w_wait"), w_wait(c, l, ms))
#define w_wake_one(c) (weave_at(__FILE__, __LINE__, "w_wake_one"), w_wake_one(c))
#define w_wake_all(c) (weave_at(__FILE__, __LINE__, "w_wake_all"), w_wake_all(c))
#define weave_point() (weave_at(NULL, 0, __func__), weave_point())
#endif

#else

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

struct w_word {
	_Atomic uint64_t v;
};
struct w_lock {
	pthread_mutex_t m;
};
struct w_cond {
	pthread_cond_t c;
};

static inline uint64_t w_load(struct w_word *w)
{
	return atomic_load(&w->v);
}

static inline void w_store(struct w_word *w, uint64_t v)
{
	atomic_store(&w->v, v);
}

static inline bool w_cas(struct w_word *w, uint64_t *expected, uint64_t v)
{
	return atomic_compare_exchange_strong(&w->v, expected, v);
}

static inline uint64_t w_add(struct w_word *w, uint64_t v)
{
	return atomic_fetch_add(&w->v, v);
}

static inline void w_take(struct w_lock *l)
{
	pthread_mutex_lock(&l->m);
}

static inline void w_give(struct w_lock *l)
{
	pthread_mutex_unlock(&l->m);
}

static inline bool w_wait(struct w_cond *c, struct w_lock *l, int ms)
{
	struct timespec t;

	if (ms < 0) {
		pthread_cond_wait(&c->c, &l->m);
		return true;
	}
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += ms % 1000 * 1000000L;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return pthread_cond_clockwait(&c->c, &l->m, CLOCK_MONOTONIC, &t) == 0;
}

static inline void w_wake_one(struct w_cond *c)
{
	pthread_cond_signal(&c->c);
}

static inline void w_wake_all(struct w_cond *c)
{
	pthread_cond_broadcast(&c->c);
}

#endif
