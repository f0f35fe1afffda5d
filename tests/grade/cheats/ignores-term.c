
#include <signal.h>

/* in place of the C library's: main.c calls it */
int sigaction(int number, const struct sigaction *to, struct sigaction *from)
{
	(void)to;
	(void)from;
	signal(number, SIG_IGN);
	return 0;
}
