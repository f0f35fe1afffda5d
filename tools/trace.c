/*
 * trace - writes down each function that a program enters and leaves.
 *
 * The program is compiled with -finstrument-functions: the compiler puts a call of the two
 * functions below into each of its functions. The C library has two that do nothing, and
 * LD_PRELOAD puts these before them. A line of the file $TRACE_FILE is
 *
 *     E or X, thread, nanoseconds, address in the program
 */
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void note(char what, const void *function)
{
	static int fd = -1;
	static unsigned long base;
	struct timespec t;
	char line[96];
	int len;

	if (fd < 0) {
		Dl_info info;

		if (getenv("TRACE_FILE") == NULL)
			return;
		fd = open(getenv("TRACE_FILE"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		if (fd < 0 || dladdr(function, &info) == 0)
			_exit(126);
		/* a program that can lie anywhere counts its addresses from its beginning */
		if (((const ElfW(Ehdr) *)info.dli_fbase)->e_type == ET_DYN)
			base = (unsigned long)info.dli_fbase;
	}
	clock_gettime(CLOCK_MONOTONIC, &t);
	len = snprintf(line, sizeof(line), "%c %ld %lld 0x%lx\n", what, syscall(SYS_gettid),
		       t.tv_sec * 1000000000LL + t.tv_nsec, (unsigned long)function - base);
	if (write(fd, line, (size_t)len) != len)
		_exit(126);
}

void __cyg_profile_func_enter(void *function, void *caller);
void __cyg_profile_func_exit(void *function, void *caller);

void __cyg_profile_func_enter(void *function, void *caller)
{
	(void)caller;
	note('E', function);
}

void __cyg_profile_func_exit(void *function, void *caller)
{
	(void)caller;
	note('X', function);
}
