#include "turns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct program *puppet(void)
{
	return program_start("puppet", NULL);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Which of two ready descriptors comes first is the kernel's choice, so lines are sorted. */
static const char *sorted_answer(struct program *p)
{
	static char all[65536];
	static char *lines[2048];
	size_t n = 0, used = 0;
	char *line;

	while ((line = heard(p)))
		if (n < 2048)
			lines[n++] = strdup(line);
	qsort(lines, n, sizeof *lines, by_text);
	all[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		if (used + strlen(lines[i]) + 3 < sizeof all)
			used += (size_t)sprintf(all + used, "%s%s", used ? "; " : "", lines[i]);
		free(lines[i]);
	}
	return all;
}

const char *answer(struct program *p, const char *format, ...)
{
	char command[512];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof command, format, args);
	va_end(args);
	step("%s", command);
	tell(p, "%s", command);
	return sorted_answer(p);
}

void order(struct program *p, const char *format, ...)
{
	char command[512];
	va_list args;
	const char *said;

	va_start(args, format);
	vsnprintf(command, sizeof command, format, args);
	va_end(args);
	said = answer(p, "%s", command);
	expect_text("what the puppet says", "", said);
}

void expect_order(struct program *p, const char *command, const char *wanted)
{
	const char *said = answer(p, "%s", command);

	expect_text("calls in this turn", wanted, said);
}

void expect_turn(struct program *p, const char *wanted)
{
	expect_order(p, "turn 0", wanted);
}

void ready_pair(struct program *p, int id)
{
	order(p, "pair %d", id);
	order(p, "watch %d %d r", id, id);
	order(p, "write %d x", id);
}

long number_in(struct program *p, const char *name)
{
	char *line;
	long value = -1;
	size_t n = strlen(name);

	tell(p, "numbers");
	while ((line = heard(p)))
		if (strncmp(line, name, n) == 0 && line[n] == ' ')
			value = atol(line + n + 1);
	return value;
}
