/*
 * words: a line of a script taken apart, and text made printable.
 *
 * A word ends at white space; one in double quotes may hold any byte, written
 * as in C: \r \n \t \0 \\ \" \xHH. A # outside quotes begins a comment. $1 to
 * $9 stand for the arguments after the script's name, also inside quotes.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

enum { WORDS_MAX = 32 };

struct words {
	int n;
	char *word[WORDS_MAX]; /* each ends in NUL, but a quoted one may also hold NULs: */
	size_t len[WORDS_MAX];
	bool quoted[WORDS_MAX];
};

/* Splits LINE in place; the words point into it. NULL, or what is wrong with the line. */
const char *words_split(char *line, struct words *w);

/* LINE with $1 ... $9 replaced by ARGS (NULL-terminated), to be freed; NULL: one is missing. */
char *words_expand(const char *line, char *const *args);

/* BYTES as one printable line, in the escapes that words_split reads. */
void text_escape(FILE *out, const char *bytes, size_t n);
