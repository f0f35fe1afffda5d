#include "diag.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const names[] = {
    "?",         "ESTABLISHED", "SYN_SENT",   "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2",
    "TIME_WAIT", "CLOSED",      "CLOSE_WAIT", "LAST_ACK", "LISTEN",    "CLOSING",
};
enum { NAMES = sizeof(names) / sizeof(names[0]) };

const char *state_name(int state)
{
	return state > 0 && state < NAMES ? names[state] : names[0];
}

int state_number(const char *name)
{
	for (int i = 1; i < NAMES; i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	return -1;
}

/* A request is a netlink header and the question; `flags` says one socket or all of them. To a
 * dump a filter may be added, a little program for the kernel. */
struct request {
	struct nlmsghdr head;
	struct inet_diag_req_v2 ask;
	struct nlattr filter;
	struct inet_diag_bc_op op[5];
};

static int ask(struct request *r, unsigned flags)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	if (fd < 0)
		return -1;
	r->head.nlmsg_len = offsetof(struct request, filter) + r->filter.nla_len;
	r->head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
	r->head.nlmsg_flags = NLM_F_REQUEST | flags;
	r->ask.sdiag_family = AF_INET;
	r->ask.sdiag_protocol = IPPROTO_TCP;
	if (send(fd, r, r->head.nlmsg_len, 0) == (ssize_t)r->head.nlmsg_len)
		return fd;
	close(fd);
	return -1;
}

static struct sockaddr_in address(const __be32 *ip, __be16 port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = port};

	a.sin_addr.s_addr = ip[0];
	return a;
}

static void answer(const struct inet_diag_msg *m, struct diag *d)
{
	d->local = address(m->id.idiag_src, m->id.idiag_sport);
	d->peer = address(m->id.idiag_dst, m->id.idiag_dport);
	d->state = m->idiag_state;
	d->recvq = m->idiag_rqueue;
	d->sendq = m->idiag_wqueue;
	d->timer = m->idiag_timer;
	d->retries = m->idiag_retrans;
	d->left_ms = m->idiag_expires;
	d->inode = m->idiag_inode;
	d->uid = m->idiag_uid;
}

int diag_find(const struct sockaddr_in *local, const struct sockaddr_in *peer,
	      struct diag *found)
{
	union {
		struct nlmsghdr head;
		char bytes[4096];
	} reply;
	struct request r = {.ask.idiag_states = ~0U};
	struct diag d;
	ssize_t n;
	int fd;

	r.ask.id.idiag_sport = local->sin_port;
	r.ask.id.idiag_src[0] = local->sin_addr.s_addr;
	r.ask.id.idiag_dport = peer->sin_port;
	r.ask.id.idiag_dst[0] = peer->sin_addr.s_addr;
	r.ask.id.idiag_cookie[0] = r.ask.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	fd = ask(&r, 0);
	if (fd < 0)
		return -1;
	n = recv(fd, &reply, sizeof(reply), 0);
	close(fd);
	if (n < 0)
		return -1;
	if (reply.head.nlmsg_type == NLMSG_ERROR) {
		errno = -((struct nlmsgerr *)NLMSG_DATA(&reply.head))->error;
		return -1;
	}
	answer(NLMSG_DATA(&reply.head), &d);
	/* When no socket has these two ends, the kernel returns the socket that listens there.
	 */
	if (d.peer.sin_port != peer->sin_port) {
		errno = ENOENT;
		return -1;
	}
	*found = d;
	return 0;
}

/* Hands over what one datagram of a dump holds; false after the last one. */
static bool each_of(char *bytes, size_t n, void (*seen)(const struct diag *, void *), void *arg)
{
	struct nlmsghdr *h = (struct nlmsghdr *)bytes;
	struct diag d;

	for (; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
		if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
			return false;
		answer(NLMSG_DATA(h), &d);
		seen(&d, arg);
	}
	return true;
}

/* The filter: an op says where to go on, in bytes from itself, when it holds and when not; a
 * test has its operand in the op after it. The end of the program is yes, four bytes beyond it
 * no. */
static void filter_port(struct request *r, unsigned port)
{
	r->filter.nla_len = sizeof(r->filter) + sizeof(r->op);
	r->filter.nla_type = INET_DIAG_REQ_BYTECODE;
	r->op[0] =
	    (struct inet_diag_bc_op){INET_DIAG_BC_S_EQ, 8, 12}; /* ours: op 2, else op 3 */
	r->op[1] = (struct inet_diag_bc_op){.no = port};
	r->op[2] = (struct inet_diag_bc_op){INET_DIAG_BC_JMP, 4, 12}; /* the end: yes */
	r->op[3] =
	    (struct inet_diag_bc_op){INET_DIAG_BC_D_EQ, 8, 12}; /* theirs: yes, else no */
	r->op[4] = (struct inet_diag_bc_op){.no = port};
}

int diag_each(unsigned port, void (*seen)(const struct diag *d, void *arg), void *arg)
{
	static _Alignas(struct nlmsghdr) char bytes[1 << 16];
	struct request r = {.ask.idiag_states = ~0U};
	ssize_t n;
	int fd;

	filter_port(&r, port);
	fd = ask(&r, NLM_F_DUMP);
	if (fd < 0)
		return -1;
	do
		n = recv(fd, bytes, sizeof(bytes), 0);
	while (n > 0 && each_of(bytes, n, seen, arg));
	close(fd);
	return n < 0 ? -1 : 0;
}
