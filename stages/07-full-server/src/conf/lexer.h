/*
 * lexer: splits the text of a configuration into words, ";", "{" and "}".
 *
 *     # a comment, where a word could start      "quoted \"words\"" 'too'      a${b}c is one word
 *
 * A backslash before " ' or \ makes this character a part of the word. \t, \r and \n are a tab,
 * a carriage return and a line break. Before all other characters the backslash stays in the
 * word, because regular expressions need it.
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
	TOKEN_BAD, /* `problem` contains the reason */
	TOKEN_NO_MEMORY,
};

enum { WORD_MAX = 4096 };

struct lexer {
	const char *at, *end;
	int line;
	struct str word;     /* for TOKEN_WORD: the word, in the pool, with a NUL at its end */
	bool quoted;         /* the word was in quotes */
	int word_line;       /* the line in which the word begins */
	const char *problem; /* for TOKEN_BAD: the error message */
	struct pool *pool;
};

void lexer_init(struct lexer *l, struct str text, struct pool *pool);
enum token lexer_next(struct lexer *l);

#endif
