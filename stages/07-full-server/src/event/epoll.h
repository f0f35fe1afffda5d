/*
 * epoll: the kernel's list of the descriptors that this process waits for.
 * There is one list in a process. An event carries the handle with which its
 * descriptor was added.
 */
#ifndef EVENT_EPOLL_H
#define EVENT_EPOLL_H

#include <stdint.h>
#include <sys/epoll.h>

int epoll_open(void); /* -1: errno says why */
void epoll_close(void);

/* Returns -1 after a line in the log. */
int epoll_add(int fd, uint64_t handle, uint32_t events);
int epoll_change(int fd, uint64_t handle, uint32_t events);
void epoll_remove(int fd);

/* Waits for at least one event, at most `wait` ms (-1: for ever). Returns how many there
 * are. */
int epoll_take(struct epoll_event *events, int room, int wait);

#endif
