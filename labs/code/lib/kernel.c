#include "kernel.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void nap(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* The text of /proc/PID/NAME; empty when there is none. */
static const char *proc_text(pid_t pid, const char *name)
{
	static char text[8192];
	char path[128];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	f = fopen(path, "r");
	if (f) {
		n = fread(text, 1, sizeof text - 1, f);
		fclose(f);
	}
	text[n] = '\0';
	return text;
}

pid_t process_child(pid_t pid)
{
	char name[64];

	snprintf(name, sizeof name, "task/%d/children", pid);
	return atoi(proc_text(pid, name));
}

int process_runs(pid_t pid, const char *name)
{
	char path[64], target[4096], *last;
	ssize_t n;

	snprintf(path, sizeof path, "/proc/%d/exe", pid);
	n = readlink(path, target, sizeof target - 1);
	if (n <= 0)
		return 0;
	target[n] = '\0';
	last = strrchr(target, '/');
	return last && strcmp(last + 1, name) == 0;
}

const char *process_call(pid_t pid)
{
	static const struct {
		long number;
		const char *name;
		int has_fd;
	} calls[] = {
	    {SYS_read, "read", 1},	   {SYS_write, "write", 1},
	    {SYS_sendto, "send", 1},	   {SYS_recvfrom, "recv", 1},
	    {SYS_sendmsg, "sendmsg", 1},   {SYS_recvmsg, "recvmsg", 1},
	    {SYS_writev, "writev", 1},	   {SYS_readv, "readv", 1},
	    {SYS_sendfile, "sendfile", 1}, {SYS_accept4, "accept4", 1},
	    {SYS_accept, "accept", 1},	   {SYS_connect, "connect", 1},
	    {SYS_futex, "futex", 0},	   {SYS_wait4, "wait", 0},
#ifdef SYS_select
	    {SYS_select, "select", 0},	   {SYS_poll, "poll", 0},
	    {SYS_epoll_wait, "epoll_wait", 0},
#endif
	    {SYS_pselect6, "select", 0},   {SYS_ppoll, "poll", 0},
	    {SYS_epoll_pwait, "epoll_wait", 0},
	    {SYS_clock_nanosleep, "sleep", 0}, {SYS_nanosleep, "sleep", 0},
	    {SYS_rt_sigtimedwait, "sigwait", 0},
	};
	static char text[128];
	const char *line = proc_text(pid, "syscall");
	long number = -1;
	unsigned long first = 0;

	if (strncmp(line, "running", 7) == 0)
		return "its own code";
	if (sscanf(line, "%ld %lx", &number, &first) < 2)
		return "a call that the kernel does not show";
	for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++)
		if (calls[i].number == number) {
			snprintf(text, sizeof text, calls[i].has_fd ? "%s (descriptor %lu)" : "%s",
				 calls[i].name, first);
			return text;
		}
	snprintf(text, sizeof text, "system call %ld", number);
	return text;
}

long process_number(pid_t pid, const char *field)
{
	const char *line = proc_text(pid, "status");
	size_t n = strlen(field);

	for (; line && *line; line = strchr(line, '\n'), line = line ? line + 1 : NULL)
		if (strncmp(line, field, n) == 0 && line[n] == ':')
			return atol(line + n + 1);
	return -1;
}

double process_cpu(pid_t pid)
{
	const char *text = proc_text(pid, "schedstat");

	return strtod(text, NULL) / 1e9;
}

int process_fds(pid_t pid)
{
	char path[64];
	int n = 0;
	DIR *d;

	snprintf(path, sizeof path, "/proc/%d/fd", pid);
	d = opendir(path);
	if (!d)
		return -1;
	for (struct dirent *e; (e = readdir(d));)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

/* One row out of the kernel's table, by netlink: the text of the whole table takes milliseconds on a
 * machine that has just had thousands of connections. False: this kernel does not answer. */
static bool tcp_ask(int mine, int other, struct tcp_row *row)
{
	static int fd = -2;
	struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 wanted;
	} ask = {{sizeof ask, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 0, 0},
		 {.sdiag_family = AF_INET,
		  .sdiag_protocol = IPPROTO_TCP,
		  .idiag_states = -1U,
		  .id = {.idiag_sport = htons((uint16_t)mine),
			 .idiag_dport = htons((uint16_t)other),
			 .idiag_src = {htonl(INADDR_LOOPBACK)},
			 .idiag_dst = {htonl(INADDR_LOOPBACK)},
			 .idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}}}};
	union {
		struct nlmsghdr header;
		char bytes[4096];
	} answer;
	const struct inet_diag_msg *m = NLMSG_DATA(&answer.header);

	if (fd == -2)
		fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (fd < 0 || send(fd, &ask, sizeof ask, 0) < 0 || recv(fd, &answer, sizeof answer, 0) < (ssize_t)sizeof answer.header)
		return false;
	*row = (struct tcp_row){0};
	if (answer.header.nlmsg_type == NLMSG_ERROR)
		return ((const struct nlmsgerr *)NLMSG_DATA(&answer.header))->error == -ENOENT; /* there is no such row */
	*row = (struct tcp_row){m->idiag_state, m->idiag_rqueue, m->idiag_wqueue};
	return true;
}

static struct tcp_row tcp_read(int mine, int other)
{
	FILE *f = fopen("/proc/net/tcp", "r");
	struct tcp_row row = {0};
	unsigned local, peer, state, unsent, unread;
	char line[512];

	while (f && !row.state && fgets(line, sizeof line, f))
		if (sscanf(line, "%*d: %*[0-9A-F]:%x %*[0-9A-F]:%x %x %x:%x", &local, &peer, &state,
			   &unsent, &unread) == 5 &&
		    (int)local == mine && (int)peer == other)
			row = (struct tcp_row){(int)state, (long)unread, (long)unsent};
	if (f)
		fclose(f);
	return row;
}

struct tcp_row tcp_look(int mine, int other)
{
	struct tcp_row row;

	return tcp_ask(mine, other, &row) ? row : tcp_read(mine, other);
}
