/*
 * verbs: what a line of a script can say. One table, one function a verb.
 */
#pragma once

#include "words.h"

#include <stdio.h>

/* Does what the line says and writes what it has to say to OUT. 0, or -1: see failure. */
int verb_run(struct words *w, FILE *out);

/* How a script shows what a line has to say: a remark in passing is for -v alone, a line is
 * printed, and the bytes that were read are passed on as they are. */
enum speech { REMARK, LINE, BYTES };
enum speech verb_speech(const struct words *w);

void verbs_help(FILE *out); /* one line a verb */
