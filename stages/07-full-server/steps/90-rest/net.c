#include "net.h"

#include "log.h"
#include "owner.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

/* "Address already in use" alone would not say which process uses it. */
static _Noreturn void die_port_busy(int port)
{
	char name[64];
	int pid = owner_of_port(port, name, sizeof name);

	if (pid)
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
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd < 0)
		die("socket: %s", strerror(errno));

	/* Without this, a restart fails with "Address already in use" for a minute: the
	 * connections that the server closed first are in TIME_WAIT on its port. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);

	/* A short packet is sent at once, also while an earlier one is not acknowledged. The
	 * connections inherit it. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);

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
