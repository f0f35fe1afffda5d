/*
 * epoll: the list of the descriptors for whose events this process waits. The list is in the
 * kernel, and each process has one. A descriptor is added with a handle, and each of its events
 * contains this handle.
 */
#ifndef EVENT_EPOLL_H
#define EVENT_EPOLL_H

#include <stdint.h>
#include <sys/epoll.h>

int epoll_open(void); /* returns -1 and sets errno on failure */
void epoll_close(void);

/* On failure these write a line to the log and return -1. */
int epoll_add(int fd, uint64_t handle, uint32_t events);
int epoll_change(int fd, uint64_t handle, uint32_t events);
void epoll_remove(int fd);

/* Waits until there is an event, but at most `wait` ms. With -1 the time has no limit. Returns
 * the number of events. */
int epoll_take(struct epoll_event *events, int room, int wait);

#endif
