
#include <sys/mman.h>

__attribute__((constructor)) static void before_main(void)
{
	for (;;) {
		char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

		memset(p, 1, 1 << 20);
		usleep(500);
	}
}
