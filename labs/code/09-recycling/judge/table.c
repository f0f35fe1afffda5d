#include "table.h"

#include <stdio.h>
#include <string.h>

static char answer_is[512];

struct program *puppet(void)
{
	return program_start("puppet", NULL);
}

static void ask(struct program *p, const char *command)
{
	char *line;

	answer_is[0] = '\0';
	tell(p, "%s", command);
	while ((line = heard(p))) {
		size_t n = strlen(answer_is);

		snprintf(answer_is + n, sizeof answer_is - n, "%s%s", n ? " " : "", line);
	}
	step("%s: %s", command, *answer_is ? answer_is : "(nothing)");
}

void expect(struct program *p, const char *answer, const char *command, ...)
{
	char text[128];
	va_list args;

	va_start(args, command);
	vsnprintf(text, sizeof text, command, args);
	va_end(args);
	ask(p, text);
	expect_text(text, answer, answer_is);
}

unsigned long open_slot(struct program *p, int fd)
{
	unsigned long handle = 0;
	char text[32];

	snprintf(text, sizeof text, "open %d", fd);
	ask(p, text);
	sscanf(answer_is, "handle 0x%lx", &handle);
	return handle;
}
