/*
 * judge.h - what a check is made of. A judge is one program a lab; each CHECK is run in a process
 * of its own, with an empty folder of its own as working directory, so a check may simply end.
 *
 *	CHECK(two_pieces)			the check "two-pieces" of checks.tsv
 *	{
 *		scene("request %d, cut at byte %d", i, cut);
 *		step("fed %s", shown(bytes, n));
 *		if (was != wanted) {
 *			should_have("%d bytes", wanted);
 *			but_it_was("%d", was);		the end of this check: FAIL
 *		}
 *	}						a check that returns is a PASS
 *
 * Rules: wait for a state, a line, a byte, each with deadline(); never sleep and hope. A check
 * fails for one reason and says it. Sentences of at most 15 words, for readers whose second
 * language is English.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct check {
	const char *name; /* with _ for - */
	void (*run)(void);
	struct check *next;
};

void check_add(struct check *c);

#define CHECK(id)                                                                              \
	static void check_##id(void);                                                          \
	__attribute__((constructor)) static void add_##id(void)                                \
	{                                                                                      \
		static struct check c = {#id, check_##id, NULL};                               \
                                                                                               \
		check_add(&c);                                                                 \
	}                                                                                      \
	static void check_##id(void)

/* Runs the body of another check: for "other-numbers" and "clean", which are the same checks on
 * another build. */
void check_again(const char *id);

#define PRINTS(text, first) __attribute__((format(printf, text, first)))

/* The list of steps, printed when the check fails. A scene starts a new list. */
void scene(const char *format, ...) PRINTS(1, 2);
void step(const char *format, ...) PRINTS(1, 2);

/* How a check ends. After should_have comes but_it_was. */
void should_have(const char *format, ...) PRINTS(1, 2);
_Noreturn void but_it_was(const char *format, ...) PRINTS(1, 2); /* FAIL */
_Noreturn void failed(const char *format, ...) PRINTS(1, 2);     /* FAIL, with another sentence */
_Noreturn void too_late(const char *format, ...) PRINTS(1, 2);   /* TIMEOUT */
_Noreturn void crashed(const char *format, ...) PRINTS(1, 2);    /* CRASH */
_Noreturn void not_here(const char *format, ...) PRINTS(1, 2);   /* N.A.: what the machine lacks */
_Noreturn void judge_broke(const char *format, ...) PRINTS(1, 2); /* GRADER-ERROR: our fault */
_Noreturn void suspicious(const char *format, ...) PRINTS(1, 2);  /* CRASH, and a person looks at it */

/* The two of them at once, when WAS is not WANTED. */
void expect_number(const char *what, long wanted, long was);
void expect_text(const char *what, const char *wanted, const char *was);

/* Bytes as a C string in quotes; long ones are cut in the middle. 16 of them live at once. */
const char *shown(const void *bytes, size_t n);

/* This student's numbers and words, from variant.awk. */
long variant(const char *name);
const char *variant_text(const char *name);

/* 64 random bits, the same at each run of this check with this variant. */
uint64_t dice(void);

double now(void);      /* seconds, monotonic */
double deadline(void); /* now + 5 s, more on a slow machine */
double slowness(void); /* 1 to 20: multiply with it what may be late, nothing else */
const char *tree(void); /* the folder in which the submission was built */
