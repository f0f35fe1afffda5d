#include "owner.h"

#include <arpa/inet.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Does a listener on this address block 127.0.0.1? ADDRESS is in the form of the kernel's
 * table. */
static bool blocks_ours(const char *address)
{
	const char *last =
	    address + strlen(address) - 8; /* an IPv6 address has more digits in front */
	char ours[9];

	snprintf(ours, sizeof ours, "%08X", htonl(INADDR_LOOPBACK));
	return strcmp(last, ours) == 0 || strcmp(last, "00000000") == 0;
}

/* The inode of the socket that listens on PORT, from one of the kernel's tables, or 0. */
static unsigned long inode_of_listener(const char *table, unsigned port)
{
	enum { LISTEN = 10 }; /* the state's number in the table, see <netinet/tcp.h> */
	FILE *f = fopen(table, "r");
	unsigned long found = 0, inode;
	char row[512], address[33];
	unsigned local, state;

	while (f && !found && fgets(row, sizeof row, f))
		if (sscanf(row, "%*d: %32[0-9A-F]:%x %*s %x %*s %*s %*s %*s %*s %lu", address,
			   &local, &state, &inode) == 4 &&
		    local == port && state == LISTEN && blocks_ours(address))
			found = inode;
	if (f)
		fclose(f);
	return found;
}

/* The process that has this socket open, or 0. The processes of other users are hidden from us.
 */
static int pid_of_inode(unsigned long inode)
{
	char wanted[64], link[64] = "";
	int pid = 0;
	glob_t fds;

	snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
	if (glob("/proc/[0-9]*/fd/*", GLOB_NOSORT, NULL, &fds) != 0)
		return 0;
	for (size_t i = 0; i < fds.gl_pathc && !pid; i++) {
		ssize_t n = readlink(fds.gl_pathv[i], link, sizeof link - 1);

		link[n > 0 ? n : 0] = '\0';
		if (strcmp(link, wanted) == 0)
			pid = atoi(fds.gl_pathv[i] + strlen("/proc/"));
	}
	globfree(&fds);
	return pid;
}

int owner_of_port(int port, char *name, size_t size)
{
	unsigned long inode = inode_of_listener("/proc/net/tcp", (unsigned)port);
	char path[64];
	FILE *comm;
	int pid;

	if (!inode)
		inode = inode_of_listener("/proc/net/tcp6", (unsigned)port);
	pid = inode ? pid_of_inode(inode) : 0;
	snprintf(path, sizeof path, "/proc/%d/comm", pid);
	comm = fopen(path, "r");
	if (!comm || !fgets(name, (int)size, comm))
		pid = 0;
	else
		name[strcspn(name, "\n")] = '\0';
	if (comm)
		fclose(comm);
	return pid;
}
