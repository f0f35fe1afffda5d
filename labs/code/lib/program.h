/*
 * program.h - the student's program, run by a check: in a session of its own, with no descriptor
 * of ours, its stdout and stdin two pipes and its stderr a file. All of it is gone when the
 * check ends, whichever way it ends.
 *
 * Two kinds of program: a puppet, which does what it is told a line at a time and answers with
 * lines and a "." (puppet.h), and a server, which says "listening on 127.0.0.1:PORT" (wire.h).
 */
#pragma once

#include "judge.h"

#include <stdarg.h>
#include <sys/types.h>

struct program {
	const char *name;
	char command[256]; /* the name and the arguments */
	pid_t pid;
	int in, out;            /* its stdin, its stdout; -1: closed */
	char errors[64];        /* the file with what it wrote to stderr */
	char *bytes;            /* what has come from its stdout */
	size_t room, length, used;
};

/* Starts build/NAME of the submission with these arguments, up to NULL. */
struct program *program_start(const char *name, ...) __attribute__((sentinel));

/* One line of its stdout without the line end; ends the check when there is none in time. */
char *program_line(struct program *p);

/* A puppet: a command, and a line of its answer; NULL: the answer is complete. */
void tell(struct program *p, const char *format, ...) PRINTS(2, 3);
char *heard(struct program *p);
void heard_nothing(struct program *p); /* reads an answer that should be empty */
/* A command whose answer, all lines with blanks between them, must be this; NULL: whatever it is. */
void expect_answer(struct program *p, const char *answer, const char *command, ...) PRINTS(3, 4);
const char *quoted(const void *bytes, size_t n); /* a word for tell, whatever it holds; 16 live at once */

/* End of input, or SIGTERM; then it must end by itself, with status 0. */
void program_end(struct program *p);
void program_stop(struct program *p);

/* Says why it ended, with its own last words, as a CRASH; returns when it still runs. */
void program_look(struct program *p);

/* The process of the submission itself, below a sandbox if there is one. */
pid_t program_pid(const struct program *p);

/* Runs a scene of build/scenes (scene.h): returns when it is good, ends the check when it is not. */
void scene_check(const char *scene);

void programs_kill(void);
