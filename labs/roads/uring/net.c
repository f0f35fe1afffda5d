#include "net.h"

#include "log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Does a listener on this address, as the kernel's table writes it, keep us from ours? */
static bool in_our_way(const char *address)
{
	const char *last = address + strlen(address) - 8; /* IPv6 has more in front of it */
	char ours[9];

	snprintf(ours, sizeof ours, "%08X", htonl(INADDR_LOOPBACK));
	return strcmp(last, ours) == 0 || strcmp(last, "00000000") == 0;
}

/* The inode of the socket that listens on PORT, from one of the kernel's tables; 0: none. */
static unsigned long inode_of_listener(const char *table, unsigned port)
{
	enum { LISTEN = 10 }; /* as the table writes TCP's states, see <netinet/tcp.h> */
	FILE *f = fopen(table, "r");
	unsigned long found = 0, inode;
	char row[512], address[33];
	unsigned local, state;

	while (f && !found && fgets(row, sizeof row, f))
		if (sscanf(row, "%*d: %32[0-9A-F]:%x %*s %x %*s %*s %*s %*s %*s %lu", address,
			   &local, &state, &inode) == 4 &&
		    local == port && state == LISTEN && in_our_way(address))
			found = inode;
	if (f)
		fclose(f);
	return found;
}

/* The process that has this socket open, or 0: another user's processes are hidden from us. */
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

/* What `netstat -ltnp` would tell: the port's socket, then whose socket it is. */
static _Noreturn void die_port_busy(int port)
{
	unsigned long inode = inode_of_listener("/proc/net/tcp", port);
	char path[64], name[64] = "";
	FILE *comm;
	int pid;

	if (!inode)
		inode = inode_of_listener("/proc/net/tcp6", port);
	pid = inode ? pid_of_inode(inode) : 0;
	snprintf(path, sizeof path, "/proc/%d/comm", pid);
	comm = fopen(path, "r");
	if (comm && fscanf(comm, "%63[^\n]", name) == 1)
		die("port %d is busy: '%s' (process %d) listens on it; stop it or take another "
		    "port",
		    port, name, pid);
	die("port %d is busy; stop what listens on it or take another port", port);
}

int net_listen(int port)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		die("socket: %s", strerror(errno));

	/* Without this, a restart meets "address in use" for a minute: the connections
	 * that we closed first are still in TIME_WAIT, on our port. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);

	if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
	    listen(fd, SOMAXCONN) == 0)
		return fd;
	if (errno == EADDRINUSE)
		die_port_busy(port);
	if (errno == EACCES)
		die("port %d needs root, as all below 1024 do; take another, such as 8080",
		    port);
	die("port %d: %s", port, strerror(errno));
}

int net_port(int fd)
{
	struct sockaddr_in address = {0};
	socklen_t size = sizeof address;

	getsockname(fd, (struct sockaddr *)&address, &size);
	return ntohs(address.sin_port);
}
