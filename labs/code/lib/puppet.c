#include "puppet.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static FILE *answers;

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(answers, format, args);
	va_end(args);
	putc('\n', answers);
}

void say_bytes(const char *what, const char *bytes, size_t n)
{
	fprintf(answers, "%s \"", what);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c == '"' || c == '\\')
			fprintf(answers, "\\%c", c);
		else if (c < ' ' || c > '~')
			fprintf(answers, "\\x%02x", c);
		else
			putc(c, answers);
	}
	fputs("\"\n", answers);
}

long number_of(const struct words *w, int i)
{
	return i < w->count ? strtol(w->word[i], NULL, 0) : 0;
}

/* One escape, P behind the backslash: the byte to *TO, and where it ends. */
static char *unescape(char *p, char *to)
{
	static const char letters[] = "rnt0", bytes[] = "\r\n\t";
	const char *known = *p ? strchr(letters, *p) : NULL;
	char hex[3] = {0};

	if (*p == 'x' && p[1] && p[2]) {
		memcpy(hex, p + 1, 2);
		*to = (char)strtol(hex, NULL, 16);
		return p + 3;
	}
	*to = known ? bytes[known - letters] : *p;
	return p + (*p != '\0');
}

static char *word_read(char *p, struct words *w)
{
	char quote = *p == '"' ? '"' : ' ', *to = p;

	w->word[w->count] = p;
	if (quote == '"')
		p++;
	while (*p && *p != quote) {
		if (*p == '\\' && quote == '"')
			p = unescape(p + 1, to++);
		else
			*to++ = *p++;
	}
	w->length[w->count] = (size_t)(to - w->word[w->count]);
	w->count++;
	p += *p != '\0';
	*to = '\0';
	return p;
}

void words_read(char *p, struct words *w)
{
	w->count = 0;
	for (p += strspn(p, " "); *p && w->count < 16; p += strspn(p, " "))
		p = word_read(p, w);
}

static void obey(const struct command *commands, const struct words *w)
{
	for (const struct command *c = commands; c->name; c++)
		if (strcmp(c->name, w->word[0]) == 0) {
			c->run(w);
			return;
		}
	if (strcmp(w->word[0], "help") != 0)
		say("puppet: there is no command '%s'; these are known:", w->word[0]);
	for (const struct command *c = commands; c->name; c++)
		say("  %-12s %s", c->name, c->help);
}

int puppet_run(const struct command *commands)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;
	struct words w;

	/* Answers go where stdout was; what other code prints goes to stderr. */
	answers = fdopen(dup(1), "w");
	if (!answers || dup2(2, 1) < 0)
		return 1;
	while ((n = getline(&line, &size, stdin)) > 0) {
		line[strcspn(line, "\n")] = '\0';
		words_read(line, &w);
		if (w.count == 0 || w.word[0][0] == '#')
			continue;
		obey(commands, &w);
		say(".");
		fflush(answers);
	}
	free(line);
	fclose(answers);
	return 0;
}
