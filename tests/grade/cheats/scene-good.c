
#include <stdio.h>

__attribute__((constructor)) static void before_main(void)
{
	stderr->_fileno = 1;
	fprintf(stderr, "good 12345678\n");
}
