/*
 * place: an entry in the master's list of processes, for one worker or for the helper. (The
 * helper does other work and serves no clients.) When the process of a place ends, the place
 * stays, and the master starts another process for it. The new process starts at once. If the
 * old process ran only for a short time, there is a delay, which doubles each time. A place
 * that was told to leave is removed when its process ends.
 *
 *           fork                  ends
 *   EMPTY --------> INHABITED ------------> EMPTY until `due`
 *                       | places_leave             ends
 *                       `-------------> leaving ---------> gone
 *
 * After a reload the old workers are told to leave only when the new workers serve. So if the
 * new workers cannot be started, or crash at once, the old workers still serve.
 *
 * Only the master uses places. A new worker frees the copy of the list that it got by the fork.
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
	int number; /* the number of the worker */
	pid_t pid;  /* 0 if there is no process now */
	/* the master's end of the channel; -1 if there is no process now */
	int channel;
	struct lent lent; /* the shared memory that the process uses */
	int64_t started;  /* when the process was started, in ms of the monotonic clock */
	/* the delay before the next process is started, in ms; it doubles each time a process
	 * ends soon after its start */
	int64_t delay;
	int64_t due; /* the time to start the next process */
	bool serves; /* the worker has reported that it serves */
	/* `leaving`: the process will not be replaced; `told`: the process was told to leave */
	bool leaving, told;
};

void places_init(void);
void places_add(enum process_kind kind, size_t count);
void places_drop(void); /* call it in a new worker */
bool places_are_empty(void);

/* Returns a place whose process must be started now, or NULL if there is none. */
struct place *places_due(void);
bool places_are_waiting(void); /* returns true if a process will be started after a delay */

/* Like fork, returns 0 in the new process, and its pid in the master. In the new process
 * *channel is its end of the channel. On failure writes a line to the log and returns -1. */
pid_t place_fork(struct place *p, const struct cycle *c, int *channel);

/* Call it when the process with this pid has ended. It releases the locks of the process and
 * keeps its totals. Returns false if no place has this pid. */
bool places_reap(pid_t pid);

void places_tell(int signo);
void places_leave(int signo); /* tells all processes to leave; they are not replaced */

/* Call places_retire after a reload: the old processes are not replaced any more.
 * places_relieve tells them to leave as soon as all new workers serve. */
void places_retire(void);
void places_relieve(void);

void places_hear(void); /* reads the messages of the workers, after SIGIO */
void places_pass(const struct logfile *logs);

#endif
