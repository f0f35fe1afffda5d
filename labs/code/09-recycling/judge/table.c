#include "table.h"

#include <stdio.h>

struct program *puppet(void)
{
	return program_start("puppet", NULL);
}

unsigned long open_slot(struct program *p, int fd)
{
	unsigned long handle = 0;
	char *line;

	tell(p, "open %d", fd);
	while ((line = heard(p)))
		if (sscanf(line, "handle 0x%lx", &handle) == 1)
			step("open %d: %s", fd, line);
	return handle;
}
