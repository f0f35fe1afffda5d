#include "words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One escape, P just after the backslash: the byte to *out, and where it ends; NULL: unknown.
 */
static char *unescape(char *p, char *out)
{
	static const char letters[] = "rnt0\\\"", bytes[] = "\r\n\t\0\\\"";
	const char *known;

	if (*p == 'x' && hex(p[1]) >= 0 && hex(p[2]) >= 0) {
		*out = (char)(hex(p[1]) << 4 | hex(p[2]));
		return p + 3;
	}
	known = *p ? strchr(letters, *p) : NULL;
	if (!known)
		return NULL;
	*out = bytes[known - letters];
	return p + 1;
}

/* The quoted text at P (after its first quote), decoded in place. Where it ends, or NULL. */
static char *unquote(char *p, size_t *len, const char **wrong)
{
	char *to = p, *const start = p;

	while (*p != '"') {
		if (!*p) {
			*wrong = "this text has no closing quote";
			return NULL;
		}
		if (*p != '\\') {
			*to++ = *p++;
			continue;
		}
		p = unescape(p + 1, to++);
		if (!p) {
			*wrong =
			    "unknown escape; there are \\r \\n \\t \\0 \\\\ \\\" and \\xHH";
			return NULL;
		}
	}
	*len = to - start;
	*to = '\0';
	return p + 1;
}

const char *words_split(char *p, struct words *w)
{
	const char *wrong = NULL;

	for (w->n = 0;; w->n++) {
		p += strspn(p, " \t\r\n");
		if (!*p || *p == '#')
			return NULL;
		if (w->n == WORDS_MAX)
			return "too many words in one line";
		w->quoted[w->n] = *p == '"';
		if (*p == '"') {
			w->word[w->n] = p + 1;
			p = unquote(p + 1, &w->len[w->n], &wrong);
			if (!p)
				return wrong;
			if (*p && !isspace((unsigned char)*p))
				return "there must be a space after a quoted text";
			continue;
		}
		w->word[w->n] = p;
		p += strcspn(p, " \t\r\n");
		w->len[w->n] = p - w->word[w->n];
		if (*p)
			*p++ = '\0';
	}
}

char *words_expand(const char *line, char *const *args)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int n = 0;

	if (!out)
		abort();
	while (args[n])
		n++;
	for (; *line; line++) {
		if (*line != '$' || line[1] < '1' || line[1] > '9') {
			fputc(*line, out);
			continue;
		}
		if (line[1] - '0' > n) {
			fclose(out);
			free(text);
			return NULL;
		}
		fputs(args[*++line - '1'], out);
	}
	fclose(out);
	return text;
}

void text_escape(FILE *out, const char *bytes, size_t n)
{
	static const char letters[] = "rnt\\\"", plain[] = "\r\n\t\\\"";
	const char *known;

	for (size_t i = 0; i < n; i++) {
		known = bytes[i] ? strchr(plain, bytes[i]) : NULL;
		if (known)
			fprintf(out, "\\%c", letters[known - plain]);
		else if (isprint((unsigned char)bytes[i]))
			fputc(bytes[i], out);
		else
			fprintf(out, "\\x%02x", (unsigned char)bytes[i]);
	}
}
