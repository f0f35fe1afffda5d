/*
 * runner.h - what the files of the runner share: the checks, and how far each of them is.
 *
 *   table.c    the checks, read from checks.tsv; which of them are chosen
 *   check.c    one check: a process of its own, and its verdict
 *   memory.c   ends the programs of a check that take too much
 *   result.c   the line of a check in the result
 *   runner.c   which check runs when
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

enum { CHECKS = 64, MESSAGE = 1 << 14, CHECK_LIMIT = 20 };
enum state { WAITING, RUNNING, OVER };

struct check {
	const char *id, *visible, *depends, *milestone, *build, *flags, *title;
	int max;
	bool chosen, again;
	enum state state;
	const char *status;
	double began, seconds;
	pid_t pid;
	int out; /* the judge's stdout */
	unsigned number;
	size_t length;
	bool too_large; /* its programs took too much memory */
	char suspect[256];
	char message[MESSAGE];
};

extern struct check checks[CHECKS];
extern int count;
extern bool without_depends;      /* the option -1 */
extern const char *judge, *trees; /* the judge's program; the folder of the builds */
extern double slow;               /* what deadlines are multiplied with on this machine */

_Noreturn void die(const char *what);
double now(void);

/* ---- table.c ---- */

void table_read(const char *path);

/* A list of ids, with commas between them: the first check that FIT does not like, or NULL. */
struct check *each(const char *list, bool (*fit)(struct check *));

/* For each: this check, and with it those on which it depends. */
bool choose(struct check *c);
bool is_over(struct check *c);
bool is_good(struct check *c);

/* ---- check.c ---- */

/* STATUS is its result; a MESSAGE of NULL leaves the one that is there. */
void over(struct check *c, const char *status, const char *message);

/* Starts its judge, or says at once why it cannot run. */
void check_start(struct check *c);

/* Its judge has closed its output, or is LATE and is ended. May start the check again. */
void check_end(struct check *c, bool late);

/* ---- memory.c, result.c ---- */

/* LAB_MEMORY megabytes for all programs of a check together. Call it often. */
void memory_watch(void);
void result_print(const struct check *c);
