#include "event/conn.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "event/epoll.h"
#include "log.h"

struct conn_stats conn_stats;

/*
 * Slots that were never used are above `touched`: the kernel allocates the pages of a large
 * table only when they are used. The free ones below it are a stack, linked through `owner`:
 * the slot closed last is the one still in the cache.
 */
static struct conn *table;
static struct conn *free_slots;
static uint32_t touched;

static struct list posted_queue, next_queue;

static void on_timer(struct timer *t)
{
	struct conn *c = CONTAINER_OF(t, struct conn, timer);

	assert(conn_is_open(c));
	c->calls->on_timeout(c);
}

int conn_table_init(uint32_t slots)
{
	table = calloc(slots, sizeof(*table));
	if (table == NULL)
		return -1;
	free_slots = NULL;
	touched = 0;
	conn_stats = (struct conn_stats){.size = slots};
	list_init(&posted_queue);
	list_init(&next_queue);
	return 0;
}

void conn_table_fini(void)
{
	for (uint32_t i = 0; i < touched; i++)
		if (conn_is_open(&table[i]))
			conn_close(&table[i]);
	free(table);
	table = NULL;
}

struct conn *conn_at(uint32_t slot)
{
	return slot < touched ? &table[slot] : NULL;
}

uint64_t conn_handle(const struct conn *c)
{
	return (uint64_t)c->generation << 32 | (uint32_t)(c - table);
}

struct conn *conn_from_handle(uint64_t handle)
{
	struct conn *c = conn_at((uint32_t)handle);

	return c != NULL && conn_is_open(c) && c->generation == handle >> 32 ? c : NULL;
}

static struct conn *slot_take(void)
{
	struct conn *c = free_slots;

	if (c != NULL)
		free_slots = c->owner;
	else if (touched < conn_stats.size)
		c = &table[touched++];
	return c;
}

struct conn *conn_open(int fd, const struct conn_calls *calls, void *owner)
{
	struct conn *c;
	uint32_t generation;

	c = slot_take();
	if (c == NULL) {
		conn_stats.refused++;
		return NULL;
	}
	generation = c->generation;
	*c = (struct conn){.fd = fd, .generation = generation, .calls = calls, .owner = owner};
	c->state = CONN_OPEN;
	c->may_read = c->may_write = true;
	timer_init(&c->timer, on_timer);
	conn_stats.used++;
	return c;
}

static void slot_free(struct conn *c)
{
	c->state = CONN_FREE;
	c->generation++;
	c->owner = free_slots;
	free_slots = c;
	conn_stats.used--;
}

/* Closing removes it from epoll as well: no other process has this socket open. */
static void descriptor_close(struct conn *c)
{
	int fd = c->fd;

	c->fd = -1;
	if (!c->borrowed && close(fd) < 0 && errno != ECONNRESET)
		log_errno("close", fd);
}

/* The peer gets the FIN now. The descriptor is closed later: when it is closed, the kernel may
 * use its number for another connection. */
static void retire(struct conn *c)
{
	c->state = CONN_CLOSING;
	if (c->watched)
		epoll_remove(c->fd);
	(void)shutdown(c->fd, SHUT_RDWR);
}

void conn_close(struct conn *c)
{
	assert(conn_is_open(c));
	timer_remove(&c->timer);
	if (list_has(&c->posted))
		list_remove(&c->posted);
	if (c->holders > 0) {
		retire(c);
	} else {
		slot_free(c);
		descriptor_close(c);
	}
}

uint64_t conn_get(struct conn *c)
{
	assert(conn_is_open(c) && c->holders < UINT16_MAX);
	c->holders++;
	return conn_handle(c);
}

struct conn *conn_put(uint64_t handle)
{
	struct conn *c = conn_at((uint32_t)handle);

	assert(c->generation == handle >> 32 && c->holders > 0);
	c->holders--;
	if (conn_is_open(c))
		return c;
	if (c->holders == 0) {
		slot_free(c);
		descriptor_close(c);
	}
	return NULL;
}

enum { READING = EPOLLIN | EPOLLRDHUP | EPOLLET, BOTH_WAYS = READING | EPOLLOUT };

int conn_watch(struct conn *c)
{
	if (c->watched)
		return 0;
	if (epoll_add(c->fd, conn_handle(c), c->may_write ? READING : BOTH_WAYS) < 0)
		return -1;
	c->watched = true;
	c->watched_both = !c->may_write;
	return 0;
}

void conn_post(struct conn *c)
{
	if (!list_has(&c->posted))
		list_add_last(&posted_queue, &c->posted);
}

void conn_post_next(struct conn *c)
{
	if (!list_has(&c->posted))
		list_add_last(&next_queue, &c->posted);
}

bool conn_has_posted(void)
{
	return !list_is_empty(&posted_queue) || !list_is_empty(&next_queue);
}

void conn_run_posted(void)
{
	struct list *link;

	while ((link = list_take_first(&posted_queue)) != NULL) {
		struct conn *c = CONTAINER_OF(link, struct conn, posted);

		c->calls->on_posted(c);
	}
	list_move_all(&posted_queue, &next_queue);
}

/*
 * A read that returns fewer bytes than it had room for has emptied the socket, and epoll
 * reports the next bytes. But when the peer has finished, read on: epoll reports the end only
 * once.
 */
enum io_result conn_read(struct conn *c, char *to, size_t n, size_t *got)
{
	enum io_result result = net_read(c->fd, to, n, got);

	if (result == IO_AGAIN || (result == IO_OK && *got < n && !c->peer_done))
		c->may_read = false;
	return result;
}

/*
 * EPOLL_CTL_MOD makes epoll look at the socket again, so it reports room that came meanwhile.
 * If it fails, the connection fails: no event would ever say that there is room again.
 */
static enum io_result note_full(struct conn *c)
{
	c->may_write = false;
	if (!c->watched || c->watched_both)
		return IO_AGAIN;
	c->watched_both = epoll_change(c->fd, conn_handle(c), BOTH_WAYS) == 0;
	return c->watched_both ? IO_AGAIN : IO_ERROR;
}

enum io_result conn_write(struct conn *c, const char *bytes, size_t n, bool more, size_t *sent)
{
	enum io_result result = net_write(c->fd, bytes, n, more, sent);

	if (result != IO_ERROR && *sent < n && note_full(c) == IO_ERROR)
		return IO_ERROR;
	return result;
}

enum io_result conn_send_file(struct conn *c, int file, off_t from, size_t n, size_t *sent)
{
	enum io_result result = net_send_file(c->fd, file, from, n, sent);

	return result == IO_AGAIN ? note_full(c) : result;
}

void conn_dispatch(uint64_t handle, uint32_t events)
{
	struct conn *c = conn_from_handle(handle);

	if (c == NULL) {
		conn_stats.stale++;
		return;
	}
	/* an error calls both callbacks; the read or the write then returns its errno */
	if (events & (EPOLLERR | EPOLLHUP))
		events |= EPOLLIN | EPOLLOUT;
	if (events & EPOLLRDHUP)
		c->peer_done = true;
	if (events & EPOLLOUT)
		c->may_write = true;
	if (events & (EPOLLIN | EPOLLRDHUP)) {
		c->may_read = true;
		if (c->calls->on_readable != NULL)
			c->calls->on_readable(c);
	}
	/* on_readable may have closed it, and another connection may have the slot by now */
	if (events & EPOLLOUT && conn_from_handle(handle) == c && c->calls->on_writable != NULL)
		c->calls->on_writable(c);
}
