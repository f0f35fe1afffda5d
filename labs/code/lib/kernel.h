/* kernel.h - what the kernel knows about a process and a connection, for rules that wait for a state. */
#pragma once

#include <sys/types.h>

void nap(void); /* 1 ms, between two looks */

pid_t process_child(pid_t pid);                     /* its first child; 0: none */
int process_runs(pid_t pid, const char *name);      /* is NAME the file that it runs? */
const char *process_call(pid_t pid);                /* "send (fd 7)", "poll", "its own code" */
long process_number(pid_t pid, const char *field);  /* of /proc/PID/status: "VmHWM", "voluntary_ctxt_switches"; -1 */
double process_cpu(pid_t pid);                      /* seconds on a core, in and out of the kernel */
int process_fds(pid_t pid);                         /* how many descriptors are open */

/* The kernel's row of the TCP connection between these two local ports, seen from MINE. */
struct tcp_row {
	int state; /* as in <netinet/tcp.h>; 0: there is no such row */
	long unread, unsent;
};
struct tcp_row tcp_look(int mine, int other);
