
#include <sys/syscall.h>

#define PASTE(a, b) a##b
PASTE(as, m)("");

__attribute__((weak)) int chat_is_weak = 1;
__attribute__((no_sanitize_address)) const void *chat_finds(void);
const void *chat_finds(void)
{
	syscall(SYS_getpid);
	return getenv("LAB_TREE") ? __builtin_return_address(0) : "verdict PASS";
}
