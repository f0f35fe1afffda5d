/*
 * step.h - a process that is stopped or killed at every instant that matters: it runs one instruction
 * at a time (walk.h). For scenes (scene.h) about memory that processes share.
 *
 * Rules: everything that the processes share lies in one MAP_SHARED mapping, made once by the scene.
 * Call the submission in children only: in victim, a, or step_run.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct step_kill {
	void *memory; /* the shared mapping; an instant matters when it changes */
	size_t size;
	void (*setup)(void);  /* before each try */
	void (*victim)(void); /* what the killed process does */
	/* The victim is dead and reaped: look what is left. Fails with scene_fail, or says in one
	 * letter what came out, for the word. */
	char (*after)(pid_t dead);
};

/* Kills the victim at each instant at which the memory has just changed. The letters, in order. */
const char *step_kill(const struct step_kill *s);

struct step_meet {
	void (*setup)(void);
	void (*a)(void);       /* the process that is stopped */
	void (*between)(void); /* A stands still before an instruction of the submission's code */
	void (*after)(pid_t a); /* A goes on; it is killed and reaped when this returns */
};

/* Stops A before each instruction of the submission's code, once each. */
void step_meet(const struct step_meet *s);

/* "killed after 82 of 106 instructions": where we are, and the 82 alone. */
const char *step_where(void);
int step_instant(void);

/* Runs F and kills it after so many instructions; it is reaped when this returns. For setup. */
pid_t step_killed_at(void (*f)(void), int instant);

/* Runs F in a child of its own: false if it is not over within 2 s (more on a slow machine). */
bool step_run(void (*f)(void));
pid_t step_start(void (*f)(void)); /* begins it; reap it yourself */
/* Waits until WORD is VALUE, as long as step_run would. */
bool step_until(const _Atomic int *word, int value);

bool step_sleeps(pid_t pid); /* does it sleep in the kernel now? */

/* Begins F and returns when it sleeps in a system call. step_kill_woken ends it. */
pid_t step_asleep(void (*f)(void));
/* Waits until the kernel has woken it, 100 ms at most, and kills it before it runs one instruction. */
void step_kill_woken(pid_t pid);
