/*
 * place: the place of one worker, or of the helper, which works beside them and serves no
 * client. It outlives its process: when the process ends, another one
 * is started in it, at once or, after a short life, with a delay that doubles each time. A
 * place that was told to leave is removed with its process.
 *
 *           fork                  ends
 *   EMPTY --------> INHABITED ------------> EMPTY until `due`
 *                       | places_leave             ends
 *                       `-------------> leaving ---------> gone
 *
 * After a reload the old workers are told to leave when the new ones serve: if those cannot be
 * started, or crash at once, the old ones still serve.
 *
 * Only the master uses places; a new worker frees the copy that it got with the fork.
 */
#ifndef PROC_PLACE_H
#define PROC_PLACE_H

#include <sys/types.h>

#include "base/list.h"
#include "conf/logfile.h"
#include "proc/lent.h"

struct place {
	struct list link;
	enum process_kind kind;
	int number;          /* of the worker */
	pid_t pid;           /* 0: no process now */
	int channel;         /* the master's end; -1: no process now */
	struct lent lent;    /* what its process has from the master */
	int64_t started;     /* clock.ms */
	/* ms before the next process is started; doubles after each short life */
	int64_t delay;
	int64_t due;        /* the time to start the next process */
	bool serves;        /* the worker has reported that it serves */
	bool leaving, told; /* leaving: its process is not replaced. told: the process knows */
};

void places_init(void);
void places_add(enum process_kind kind, size_t count);
void places_drop(void); /* in a new worker */
bool places_are_empty(void);

/* Returns a place whose worker has to be started now; NULL: there is none. */
struct place *places_due(void);
bool places_are_waiting(void); /* true: a worker will be started after a delay */

/* Like fork: 0 in the worker, where *channel is its end of the channel; -1 after a line in
 * the log. */
pid_t place_fork(struct place *p, const struct cycle *c, int *channel);

/* Its process has ended: its locks are released, its totals are kept. False: the process has
 * no place here. */
bool places_reap(pid_t pid);

void places_tell(int signo);
void places_leave(int signo); /* tells the workers to leave, and does not replace them */

/* After a reload: they are not replaced, and places_relieve tells them to leave when all new
 * workers serve. */
void places_retire(void);
void places_relieve(void);

void places_hear(void); /* reads the messages of the workers, after SIGIO */
void places_pass(const struct logfile *logs);

#endif
