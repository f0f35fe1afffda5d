/*
 * place: where a worker lives. A place outlives its process: who dies is
 * followed by another, at once or, when he died young, after a delay that
 * doubles each time. A place that has been told to leave goes with its process.
 *
 *           fork                  dies
 *   EMPTY --------> INHABITED ------------> EMPTY until `due`
 *                       | places_leave             dies
 *                       `-------------> leaving ---------> gone
 *
 * After a reload those who leave are told so when their successors serve: if these
 * cannot be born, or die at once, there is still somebody.
 *
 * Kept by the master alone; a new worker drops the copy that came with the fork.
 */
#ifndef PROC_PLACE_H
#define PROC_PLACE_H

#include <sys/types.h>

#include "base/list.h"
#include "conf/logfile.h"
#include "proc/cycle.h"

struct place {
	struct list link;
	int number;
	pid_t pid;                 /* 0: nobody now */
	int channel;               /* our end of it; -1: nobody now */
	int slot;                  /* on the board */
	struct zones *zones;       /* that it uses; NULL: nobody is here */
	struct shm *accept_memory; /* what its accept mutex lies in; NULL: none */
	int64_t born;              /* clock.ms */
	int64_t delay;             /* until the next is born */
	int64_t due;               /* when nobody is here */
	bool serves;               /* he has said so */
	bool leaving, told;        /* nobody follows; and he knows */
};

void places_init(void);
void places_add(size_t count);
void places_drop(void); /* in a new worker */
bool places_are_empty(void);

/* Whose worker should be born now; NULL: nobody's. */
struct place *places_due(void);
bool places_are_waiting(void); /* for a birth that was put off */

/* As fork: 0 in the worker, whose end of the channel is *channel; -1 after a line in the log. */
pid_t place_fork(struct place *p, const struct cycle *c, int *channel);

/* Its process has died: what it had locked is free again, what it has counted stays. False: it
 * was nobody's here. */
bool places_bury(pid_t pid);

void places_tell(int signo);
void places_leave(int signo); /* tells them, and nobody follows */

/* After a reload: nobody follows, and they are told by places_relieve when all others serve. */
void places_retire(void);
void places_relieve(void);

void places_hear(void); /* what they have to say, after SIGIO */
void places_pass(const struct logfile *logs);

#endif
