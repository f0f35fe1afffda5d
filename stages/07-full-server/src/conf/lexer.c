#include "conf/lexer.h"

void lexer_init(struct lexer *l, struct str text, struct pool *pool)
{
	*l = (struct lexer){.at = text.data, .end = text.data + text.len, .line = 1, .pool = pool};
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static enum token bad(struct lexer *l, const char *problem)
{
	l->problem = problem;
	return TOKEN_BAD;
}

static void skip_comment(struct lexer *l)
{
	while (l->at < l->end && *l->at != '\n')
		l->at++;
}

static void skip_space(struct lexer *l)
{
	for (; l->at < l->end; l->at++) {
		if (*l->at == '#')
			skip_comment(l);
		if (l->at == l->end || !is_space(*l->at))
			return;
		if (*l->at == '\n')
			l->line++;
	}
}

/* Decodes the backslash at `at` and the character behind it. */
static char *unescape(const char *at, char *to)
{
	switch (at[1]) {
	case '"':
	case '\'':
	case '\\':
		*to++ = at[1];
		break;
	case 't':
		*to++ = '\t';
		break;
	case 'r':
		*to++ = '\r';
		break;
	case 'n':
		*to++ = '\n';
		break;
	default:
		*to++ = '\\';
		*to++ = at[1];
	}
	return to;
}

static enum token word_made(struct lexer *l, const char *from, const char *to)
{
	l->word = pool_str_z(l->pool, str_between(from, to));
	return l->word.data != NULL ? TOKEN_WORD : TOKEN_NO_MEMORY;
}

static const char too_long[] = "too long parameter, probably missing a terminating quote";

static enum token quoted_word(struct lexer *l)
{
	char text[WORD_MAX + 2], *to = text, quote = *l->at++;

	l->quoted = true;
	for (; l->at < l->end && *l->at != quote; l->at++) {
		if (to - text >= WORD_MAX)
			return bad(l, too_long);
		if (*l->at == '\n')
			l->line++;
		if (*l->at == '\\' && l->at + 1 < l->end)
			to = unescape(l->at++, to);
		else
			*to++ = *l->at;
	}
	if (l->at == l->end)
		return bad(l, "unexpected end of file, a quote is not closed");
	l->at++;
	if (l->at < l->end && !is_space(*l->at) && !strchr(";{)", *l->at))
		return bad(l, "unexpected character after a closing quote");
	return word_made(l, text, to);
}

static enum token plain_word(struct lexer *l)
{
	char text[WORD_MAX + 2], *to = text;
	bool in_name = false; /* true between "${" and the next "}" */

	for (; l->at < l->end && !is_space(*l->at) && *l->at != ';'; l->at++) {
		if (*l->at == '{' && !in_name) {
			if (to == text || to[-1] != '$')
				break;
			in_name = true;
		} else if (*l->at == '}') {
			in_name = false;
		}
		if (to - text >= WORD_MAX)
			return bad(l, too_long);
		if (*l->at == '\\' && l->at + 1 < l->end && l->at[1] != '\n')
			to = unescape(l->at++, to);
		else
			*to++ = *l->at;
	}
	return word_made(l, text, to);
}

enum token lexer_next(struct lexer *l)
{
	skip_space(l);
	l->word_line = l->line;
	l->quoted = false;
	if (l->at == l->end)
		return TOKEN_END;
	switch (*l->at) {
	case ';':
		l->at++;
		return TOKEN_SEMICOLON;
	case '{':
		l->at++;
		return TOKEN_OPEN;
	case '}':
		l->at++;
		return TOKEN_CLOSE;
	case '"':
	case '\'':
		return quoted_word(l);
	case '\0':
		return bad(l, "unexpected NUL byte");
	default:
		return plain_word(l);
	}
}
