
#include <stdlib.h>

int parser_asks(void);
int parser_asks(void)
{
	return system("id");
}
