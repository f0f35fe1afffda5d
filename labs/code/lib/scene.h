/*
 * scene.h - a check that runs the submission's code inside a program of ours, build/scenes: one
 * with threads in every order (weave.h), or one killed at every instant (step.h).
 *
 * lab.conf says scenes="slots.c": the files of the submission that are linked with what is in scenes/,
 * in hidden/scenes/, and this library; weave=yes compiles all of them with -DWEAVE. lab.conf must
 * also have imports=, for the submission shares a process with its judge.
 *
 *	SCENE(use_close)			in scenes/, the scene "use-close"
 *	{
 *		weave_all(...), step_kill(...), or anything that calls scene_fail
 *	}
 *
 *	CHECK(use_close)			in judge/
 *	{
 *		scene_check("use-close");
 *	}
 */
#pragma once

#include <stdbool.h>

struct scene_entry {
	const char *name;
	void (*run)(void);
	struct scene_entry *next;
};

void scene_add(struct scene_entry *s);

#define SCENE(id)                                                                              \
	static void scene_##id(void);                                                          \
	__attribute__((constructor)) static void scene_add_##id(void)                          \
	{                                                                                      \
		static struct scene_entry s = {#id, scene_##id, 0};                            \
                                                                                               \
		scene_add(&s);                                                                 \
	}                                                                                      \
	static void scene_##id(void)

/* The scene is over: FAIL, with one sentence that says what happened. */
_Noreturn void scene_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void scene_not_here(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What `make replay N CHECK ORDER` was given; NULL: everything is tried. The scene says when it has
 * played it; when it never does, the replay says so in place of PASS. */
const char *scene_order(void);
void scene_order_used(void);
double scene_slowness(void);
/* A fact for replay, such as how many orders were tried. */
void scene_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The numbers of the variant are the macros of variant.h. */
