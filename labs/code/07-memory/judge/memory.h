/* memory.h - asks a puppet of lab 7, and knows what its numbers should be. */
#pragma once

#include "program.h"

#include <stddef.h>

enum { LISTS_MOST = 64 };

struct numbers {
	long heap, reserve, free[LISTS_MOST]; /* free blocks of (i + 1) * STEP bytes */
};

struct system_state {
	long takes, refused, areas, bytes, wrong;
};

long step_size(void); /* STEP */
long largest(void);   /* LARGEST */
long batch(void);     /* BATCH */

struct program *puppet(void);

/* The answer to one command that should be empty, up to a line that begins with "damaged". */
void order(struct program *p, const char *format, ...) PRINTS(2, 3);

/* The address of the new block; 0: there was none, with ENOMEM. asked() lines are counted. */
unsigned long get(struct program *p, int id, unsigned long n);
unsigned long piece(struct program *p, int id, int pool, unsigned long n);
extern int times_asked;
extern unsigned long last_asked;

long trim(struct program *p);
void read_numbers(struct program *p, struct numbers *to);
void read_system(struct program *p, struct system_state *to);

/* What the rules of the README make of the numbers, when the system grants all. */
void model_get(struct numbers *m, unsigned long n);
void model_put(struct numbers *m, unsigned long n);
void expect_numbers(struct program *p, const struct numbers *m);

long class_size(unsigned long n); /* n rounded up to STEP */
void expect_apart(unsigned long at, unsigned long n, unsigned long align);
void apart_forget(unsigned long at);
void apart_reset(void);

/* heap = blocks in use + blocks on the lists + reserve: no byte is lost, none is there twice. */
void expect_balance(struct program *p, long in_use);
