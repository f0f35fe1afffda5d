/* list: the names of all directives that the server knows, one a line. */
#include <stdio.h>

#include "conf/conf.h"
#include "modules.h"

int main(void)
{
	for (size_t i = 0; modules[i] != NULL; i++)
		for (const struct directive *d = modules[i]->directives;
		     d != NULL && d->name != NULL; d++)
			puts(d->name);
	return 0;
}
