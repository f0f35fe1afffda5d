/*
 * verbs: what a line of a script can say. One table (verbs.c), one function a
 * verb; each writes what it has to say to OUT and answers 0, or -1: see failure.
 */
#pragma once

#include "end.h"
#include "words.h"

#include <stdio.h>

int verb_run(struct words *w, FILE *out); /* does what the line says */

/* How a script shows what a line has to say: a remark in passing is for -v alone, a line is
 * printed, and the bytes that were read are passed on as they are. */
enum speech { REMARK, LINE, BYTES };
enum speech verb_speech(const struct words *w);

void verbs_help(FILE *out); /* one line a verb */

/* opening.c */
int do_bind(struct words *w, FILE *out);
int do_listen(struct words *w, FILE *out);
int do_connect(struct words *w, FILE *out);
int do_accept(struct words *w, FILE *out);
int do_dup(struct words *w, FILE *out);
int do_set(struct words *w, FILE *out);
int do_shutdown(struct words *w, FILE *out);
int do_close(struct words *w, FILE *out);
int do_reset(struct words *w, FILE *out);
int do_mute(struct words *w, FILE *out);
int do_heal(struct words *w, FILE *out);

/* talking.c */
int do_send(struct words *w, FILE *out);
int do_read(struct words *w, FILE *out);
int do_drain(struct words *w, FILE *out);
int do_expect(struct words *w, FILE *out);
int do_find(struct words *w, FILE *out);

/* What several of them need (opening.c). */
int number(const char *word, double least, double most, double *value);    /* 0, or -1 */
void put_address(FILE *out, const char *key, const struct sockaddr_in *a); /* KEY=IP:PORT */
