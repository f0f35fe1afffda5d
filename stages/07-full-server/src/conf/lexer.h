/*
 * lexer: a configuration text becomes words, ";", "{" and "}".
 *
 *     # a comment, where a word could start      "quoted \"words\"" 'too'      a${b}c is one word
 *
 * A backslash makes the next " ' or \ ordinary and spells \t \r \n; before any
 * other character it stays, because regular expressions need it.
 */
#ifndef CONF_LEXER_H
#define CONF_LEXER_H

#include "base/str.h"
#include "mem/pool.h"

enum token {
	TOKEN_WORD,
	TOKEN_SEMICOLON,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_END,
	TOKEN_BAD, /* `problem` says why */
	TOKEN_NO_MEMORY,
};

enum { WORD_MAX = 4096 };

struct lexer {
	const char *at, *end;
	int line;
	struct str word;     /* TOKEN_WORD: the word, in the pool, with a NUL behind it */
	bool quoted;         /* it was written with quotes */
	int word_line;       /* where it began */
	const char *problem; /* of TOKEN_BAD */
	struct pool *pool;
};

void lexer_init(struct lexer *l, struct str text, struct pool *pool);
enum token lexer_next(struct lexer *l);

#endif
