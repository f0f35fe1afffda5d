/*
 * walk.h - a process that runs one instruction at a time, for step.c. ptrace does it; where ptrace is
 * refused, the process does it itself: with the processor's trap flag set it gets a SIGTRAP after
 * each instruction (x86-64 only). Both stop at the same places; the second one says so in a note.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Runs F in a child. LOOK is called before each instruction, after N of them; PC is the address of
 * the next one. It is called in this process or in the child, so all that it leaves behind must lie
 * in shared memory. How many instructions there were. */
long walk(void (*f)(void), void (*look)(long n, uintptr_t pc));

/* Begins F in a child, which stands still after so many instructions. walk_on: it runs freely from there. */
pid_t walk_to(void (*f)(void), long instant);
void walk_on(pid_t pid);

/* Is ptrace refused here? LAB_NO_PTRACE=1 says yes everywhere, to try it. */
bool ptrace_is_refused(void);
