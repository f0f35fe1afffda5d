#include "event/epoll.h"

#include <errno.h>
#include <unistd.h>

#include "log.h"

static int epoll_fd = -1;

int epoll_open(void)
{
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return epoll_fd < 0 ? -1 : 0;
}

void epoll_close(void)
{
	close(epoll_fd);
	epoll_fd = -1;
}

static int control(int operation, int fd, uint64_t handle, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.u64 = handle};

	if (epoll_ctl(epoll_fd, operation, fd, &e) == 0)
		return 0;
	log_errno("epoll_ctl", fd);
	return -1;
}

int epoll_add(int fd, uint64_t handle, uint32_t events)
{
	return control(EPOLL_CTL_ADD, fd, handle, events);
}

int epoll_change(int fd, uint64_t handle, uint32_t events)
{
	return control(EPOLL_CTL_MOD, fd, handle, events);
}

void epoll_remove(int fd)
{
	control(EPOLL_CTL_DEL, fd, 0, 0);
}

int epoll_take(struct epoll_event *events, int room, int wait)
{
	int count = epoll_wait(epoll_fd, events, room, wait);

	if (count < 0 && errno != EINTR)
		log_errno("epoll_wait", epoll_fd);
	return count < 0 ? 0 : count;
}
