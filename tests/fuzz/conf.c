/*
 * A configuration: words, blocks, every directive of every module. It is read or refused with a
 * message, and nothing else happens: the outside world is shut here, or one with "include *" or
 * "error_log /etc/passwd" would reach it.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <glob.h>
#include <netdb.h>
#include <regex.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "fuzz.h"
#include "http/request/filter.h"
#include "modules.h"
#include "proc/cycle.h"

int open(const char *path, int flags, ...)
{
	(void)path;
	(void)flags;
	errno = ENOENT;
	return -1;
}

int socket(int domain, int type, int protocol)
{
	(void)domain;
	(void)type;
	(void)protocol;
	errno = EACCES;
	return -1;
}

int glob(const char *restrict pattern, int flags, int (*on_error)(const char *, int),
	 glob_t *restrict found)
{
	(void)pattern;
	(void)flags;
	(void)on_error;
	memset(found, 0, sizeof(*found));
	return GLOB_NOMATCH;
}

int getaddrinfo(const char *restrict node, const char *restrict service,
		const struct addrinfo *restrict hints, struct addrinfo **restrict found)
{
	(void)node;
	(void)service;
	(void)hints;
	(void)found;
	return EAI_NONAME;
}

/* A pattern of a line can make the C library's compiler need all the memory there is. */
int regcomp(regex_t *restrict regex, const char *restrict pattern, int flags)
{
	static int (*real)(regex_t *restrict, const char *restrict, int);
	int repetitions = 0;

	for (const char *at = pattern; *at != '\0'; at++)
		repetitions += *at == '{' ? 8 : *at == '+' || *at == '*' || *at == '?';
	if (repetitions > 12)
		return REG_ESPACE;
	if (real == NULL)
		real = (int (*)(regex_t *restrict, const char *restrict, int))dlsym(RTLD_NEXT,
										    "regcomp");
	return real(regex, pattern, flags);
}

static int complaints;

static void on_error(const char *message)
{
	HOLDS(message[0] != '\0');
	complaints++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cycle_options o = {
	    .prefix = STR("/nowhere/"),
	    .file = STR("/nowhere/server.conf"),
	    .text = {(const char *)data, size},
	    .error_log = STR("stderr"),
	    .testing = true,
	};
	struct cycle *c;

	if (size == 0)
		return 0; /* no text: it would be a file */
	filters_set(filters);
	clock_update();
	complaints = 0;
	c = cycle_create(&o, modules, on_error);
	HOLDS(c != NULL || complaints > 0);
	if (c != NULL)
		cycle_destroy(c);
	pool_release_kept();
	return 0;
}
