/*
 * look - what the kernel knows about a server.
 *
 *   look cpu PID         "PID NANOSECONDS" for it and for each of its descendants: what
 *                        they have spent on a core since their start, in and out of
 *                        the kernel
 *   look queue PORT      how many clients wait in the queue of the socket that listens there
 *   look pending PORT    how many bytes lie unread or unsent in the connections of that port
 *   look call NUMBER...  /proc/PID/syscall in words: "read(fd 4)", "epoll_wait(no time
 *                        limit)"; the line is an argument, because the kernel may show it
 *                        only to the parents of the process
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const char usage[] = "usage: look cpu PID | look queue PORT | look pending PORT | "
			    "look call NUMBER ARGUMENT...\n";

/* ---- cpu ---- */

static int parent_of(int pid)
{
	char path[64], line[512], *end;
	int parent = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (!f)
		return 0;
	/* "12 (a name) S 1 ...": a name may have anything in it, even ") S 1" */
	if (fgets(line, sizeof line, f) && (end = strrchr(line, ')')))
		sscanf(end, ") %*c %d", &parent);
	fclose(f);
	return parent;
}

static void print_cpu(int pid)
{
	struct timespec t;
	clockid_t clock;

	/* every process has a clock of its own, which stands still when it does; unlike the
	 * ticks of /proc/PID/stat it counts nanoseconds */
	if (clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &t) == 0)
		printf("%d %lld\n", pid, (long long)t.tv_sec * 1000000000 + t.tv_nsec);
}

static int look_cpu(int pid)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	print_cpu(pid);
	while (proc && (entry = readdir(proc))) {
		int other = atoi(entry->d_name), ancestor = other;

		while (ancestor > 1 && ancestor != pid)
			ancestor = parent_of(ancestor);
		if (other != pid && ancestor == pid)
			print_cpu(other);
	}
	if (proc)
		closedir(proc);
	return 0;
}

/* ---- queue, pending ---- */

struct row {
	unsigned local, remote, state, sent, received; /* ports, and bytes that lie there */
};

/* Calls EACH with every TCP socket of this machine. */
static void for_each_socket(void (*each)(const struct row *r))
{
	const char *const tables[] = {"/proc/net/tcp", "/proc/net/tcp6"};
	char line[512];
	struct row r;

	for (int i = 0; i < 2; i++) {
		FILE *f = fopen(tables[i], "r");

		while (f && fgets(line, sizeof line, f))
			if (sscanf(line, "%*d: %*[0-9A-F]:%x %*[0-9A-F]:%x %x %x:%x", &r.local,
				   &r.remote, &r.state, &r.sent, &r.received) == 5)
				each(&r);
		if (f)
			fclose(f);
	}
}

enum { LISTEN = 10 }; /* as the table writes TCP's states, see <netinet/tcp.h> */

static unsigned port;
static long queue = -1, pending;

static void note_queue(const struct row *r)
{
	if (r->local == port && r->state == LISTEN)
		queue = r->received;
}

static void note_pending(const struct row *r)
{
	if (r->state != LISTEN && (r->local == port || r->remote == port))
		pending += (long)r->sent + (long)r->received;
}

static int look_queue(void)
{
	for_each_socket(note_queue);
	if (queue < 0) {
		fprintf(stderr, "look: no process listens on port %u\n", port);
		return 1;
	}
	printf("%ld\n", queue);
	return 0;
}

static int look_pending(void)
{
	for_each_socket(note_pending);
	printf("%ld\n", pending);
	return 0;
}

/* ---- call ---- */

/* LIMIT: the argument that says how long it waits at most; -1: it has none. */
static const struct call {
	long number;
	const char *name;
	int limit;
} calls[] = {
    {SYS_read, "read", -1},
    {SYS_readv, "readv", -1},
    {SYS_recvfrom, "recvfrom", -1},
    {SYS_recvmsg, "recvmsg", -1},
    {SYS_write, "write", -1},
    {SYS_writev, "writev", -1},
    {SYS_sendto, "send", -1},
    {SYS_sendmsg, "sendmsg", -1},
    {SYS_sendfile, "sendfile", -1},
    {SYS_accept, "accept", -1},
    {SYS_accept4, "accept4", -1},
    {SYS_pselect6, "select", 4},
    {SYS_ppoll, "poll", 2},
    {SYS_epoll_pwait, "epoll_pwait", 3},
#ifdef SYS_epoll_pwait2
    {SYS_epoll_pwait2, "epoll_pwait2", 3},
#endif
#ifdef SYS_select /* the older ones are not on every machine */
    {SYS_select, "select", 4},
#endif
#ifdef SYS_poll
    {SYS_poll, "poll", 2},
#endif
#ifdef SYS_epoll_wait
    {SYS_epoll_wait, "epoll_wait", 3},
#endif
    {SYS_rt_sigtimedwait, "sigtimedwait", 2},
    {SYS_rt_sigsuspend, "sigsuspend", -1},
    {SYS_wait4, "wait", -1},
    {SYS_futex, "futex", -1},
};

/* A pointer that is NULL, or an int that is -1. */
static int is_unlimited(const char *argument)
{
	unsigned long value = strtoul(argument, NULL, 16);

	return value == 0 || (unsigned)value == (unsigned)-1;
}

static int look_call(char **words, int count)
{
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		const struct call *c = &calls[i];

		if (c->number != atol(words[0]) || count < 7)
			continue;
		if (c->limit < 0)
			printf("%s(fd %ld)\n", c->name, strtol(words[1], NULL, 16));
		else if (is_unlimited(words[1 + c->limit]))
			printf("%s(no time limit)\n", c->name);
		else
			printf("%s(with a time limit)\n", c->name);
		return 0;
	}
	printf("%s\n", strcmp(words[0], "running") == 0 ? "running" : "unknown");
	return 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 2 ? argv[1] : "";

	port = argc == 3 ? (unsigned)atoi(argv[2]) : 0;
	if (strcmp(verb, "cpu") == 0 && atoi(argv[2]) > 0)
		return look_cpu(atoi(argv[2]));
	if (strcmp(verb, "queue") == 0 && port)
		return look_queue();
	if (strcmp(verb, "pending") == 0 && port)
		return look_pending();
	if (strcmp(verb, "call") == 0)
		return look_call(argv + 2, argc - 2);
	fputs(usage, stderr);
	return 2;
}
