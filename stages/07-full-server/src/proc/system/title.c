#include "proc/system/title.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *place; /* the memory that ps shows */
static size_t room;
static char **arguments, **variables; /* our copies of the arguments and the environment */

static char **copy_strings(char **from)
{
	size_t count = 0, bytes = 0;
	char **copies, *to;

	for (; from[count] != NULL; count++)
		bytes += strlen(from[count]) + 1;
	/* the array and all strings are in one piece of memory */
	copies = malloc((count + 1) * sizeof(*copies) + bytes);
	if (copies == NULL)
		return NULL;
	to = (char *)(copies + count + 1);
	for (size_t i = 0; i < count; i++) {
		copies[i] = to;
		to = stpcpy(to, from[i]) + 1;
	}
	copies[count] = NULL;
	return copies;
}

/* Returns the number of bytes that a title may have. A title may use the memory of the
 * arguments and of the environment, as far as their strings follow each other without a gap. */
static size_t measure(char **argv)
{
	const char *start = argv[0];
	char *end = argv[0];

	for (; *argv != NULL && *argv == end; argv++)
		end += strlen(*argv) + 1;
	for (char **v = environ; *v != NULL; v++)
		if (*v == end)
			end += strlen(*v) + 1;
	return (size_t)(end - start);
}

int title_init(int argc, char **argv)
{
	if (argc == 0)
		return -1;
	arguments = copy_strings(argv);
	variables = copy_strings(environ);
	if (arguments == NULL || variables == NULL) {
		title_fini();
		return -1;
	}
	place = argv[0];
	room = measure(argv);
	environ = variables;
	return 0;
}

void title_fini(void)
{
	if (environ == variables)
		environ = NULL;
	free(arguments);
	free(variables);
	arguments = variables = NULL;
	place = NULL;
}

void title_set(const char *format, ...)
{
	va_list values;

	if (place == NULL)
		return;
	memset(place, 0, room);
	va_start(values, format);
	vsnprintf(place, room, format, values);
	va_end(values);
}

char **title_arguments(void)
{
	return arguments;
}
