#include "event/conn.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "event/epoll.h"

enum { REUSE_MOST = 32, REUSE_SHARE = 8, REUSE_BELOW = 16, LOT_SHARE = 4 };

/*
 * FLAW. `make stage 7 FLAW=recycle` builds a server without delayed recycling. This server
 * frees every slot at once. When the result of a thread arrives, the slot may belong to another
 * connection, and that connection gets the result. Never use this server for real clients.
 */
#ifdef FLAW_RECYCLE
enum { RECYCLE_BLINDLY = 1 };
#else
enum { RECYCLE_BLINDLY = 0 };
#endif

struct conn_stats conn_stats;

/*
 * Slots from `touched` on were never used. The kernel allocates the pages of a large table only
 * when they are used. The free slots below `touched` are a stack, linked through `owner`. So
 * the slot that was closed last is used first, because it may still be in the cache.
 */
static struct conn *table;
static struct conn *free_slots;
static uint32_t touched;

static struct list reusable_queue; /* the connection that has been idle longest is the first */
static struct list posted_queue, next_queue;

/* All slots are parked for the same time, so the first slot in the queue is freed first. The
 * timer is set for this slot. */
static struct list parked_queue;
static struct timer recycle_timer;
static int64_t recycle_delay;

static void on_timer(struct timer *t)
{
	struct conn *c = CONTAINER_OF(t, struct conn, timer);

	assert(conn_is_open(c));
	c->calls->on_timeout(c);
}

static void recycle(struct timer *t);

int conn_table_init(uint32_t slots)
{
	table = calloc(slots, sizeof(*table));
	if (table == NULL)
		return -1;
	free_slots = NULL;
	touched = 0;
	conn_stats = (struct conn_stats){.size = slots};
	list_init(&reusable_queue);
	list_init(&posted_queue);
	list_init(&next_queue);
	list_init(&parked_queue);
	timer_init(&recycle_timer, recycle);
	recycle_timer.holds_exit = false;
	return 0;
}

void conn_table_fini(void)
{
	for (uint32_t i = 0; i < touched; i++)
		if (conn_is_open(&table[i]))
			conn_close(&table[i]);
	/* the threads were stopped before this call, so no task holds a reference any more */
	assert(conn_stats.closing == 0);
	timer_remove(&recycle_timer);
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

static void warn_about_reuse(uint32_t count)
{
	static time_t last;

	if (last == now.second)
		/* at most one line per second: when very many clients come, writing the log
		 * must not slow down the server */
		return;
	last = now.second;
	log_write(log_main, LOG_WARN,
		  "%llu worker_connections are nearly all in use, closing %u idle connections",
		  (unsigned long long)conn_stats.size, count);
}

/* If less than a sixteenth of the slots is free, closes some idle connections. The connections
 * that have been idle longest are closed first. */
static void make_room(void)
{
	uint32_t count = (uint32_t)(conn_stats.reusable / REUSE_SHARE);

	if (conn_stats.size - conn_stats.used > conn_stats.size / REUSE_BELOW ||
	    list_is_empty(&reusable_queue))
		return;
	count = count < 1 ? 1 : count > REUSE_MOST ? REUSE_MOST : count;
	warn_about_reuse(count);
	for (; count > 0 && !list_is_empty(&reusable_queue); count--) {
		struct conn *c = CONTAINER_OF(reusable_queue.next, struct conn, reusable);

		conn_set_reusable(c, false);
		conn_stats.reused++;
		c->calls->on_reuse(c);
	}
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

	make_room();
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

/* close also removes the descriptor from epoll, because no other process has the same socket
 * open. */
static void descriptor_close(struct conn *c)
{
	int fd = c->fd;

	c->fd = -1;
	if (!c->borrowed && close(fd) < 0 && errno != ECONNRESET)
		log_errno(log_main, LOG_ALERT, "close(%d)", fd);
}

/* Shuts down the connection, so the peer gets the FIN now. The descriptor is closed later,
 * because after the close the kernel may give the same descriptor number to another connection. */
static void retire(struct conn *c)
{
	c->state = CONN_CLOSING;
	conn_stats.closing++;
	if (c->watched)
		epoll_remove(c->fd);
	(void)shutdown(c->fd, SHUT_RDWR);
}

static void park(struct conn *c)
{
	conn_stats.closing--;
	descriptor_close(c);
	if (recycle_delay == 0) {
		slot_free(c);
		return;
	}
	c->state = CONN_PARKED;
	conn_stats.parked++;
	c->timer.due = now.ms + recycle_delay;
	list_add_last(&parked_queue, &c->posted);
	if (!timer_is_running(&recycle_timer))
		timer_start(&recycle_timer, recycle_delay);
}

static void recycle(struct timer *t)
{
	while (!list_is_empty(&parked_queue)) {
		struct conn *c = CONTAINER_OF(parked_queue.next, struct conn, posted);

		if (c->timer.due > now.ms) {
			timer_start(t, c->timer.due - now.ms);
			break;
		}
		list_remove(&c->posted);
		conn_stats.parked--;
		slot_free(c);
	}
}

void conn_recycle_after(int64_t ms)
{
	recycle_delay = ms;
}

/* Returns true if at least a quarter of the slots is closing or parked. The quarter is rounded
 * up: otherwise a quarter of three slots would be 0, and the table would always be full. */
bool conn_lot_is_full(void)
{
	uint64_t most = (conn_stats.size + LOT_SHARE - 1) / LOT_SHARE;

	return conn_stats.closing + conn_stats.parked >= most;
}

struct conn *conn_admit(int fd, const struct conn_calls *calls, void *owner)
{
	if (!conn_lot_is_full())
		return conn_open(fd, calls, owner);
	conn_stats.refused++;
	return NULL;
}

struct conn *conn_connect(const struct address *to, const struct address *from,
			  const struct conn_calls *calls, void *owner)
{
	bool under_way;
	int fd = net_connect(to, from, &under_way);
	struct conn *c = fd >= 0 ? conn_open(fd, calls, owner) : NULL;

	if (c == NULL) {
		if (fd >= 0) {
			close(fd);
			errno = ENOBUFS;
		}
		return NULL;
	}
	c->connecting = under_way;
	c->may_read = c->may_write = !under_way;
	return c;
}

int conn_connected(struct conn *c)
{
	if (!c->connecting)
		return 0;
	if (!c->may_write)
		return EINPROGRESS;
	c->connecting = false;
	return net_error(c->fd);
}

void conn_close(struct conn *c)
{
	assert(conn_is_open(c));
	timer_remove(&c->timer);
	conn_unpost(c);
	conn_set_reusable(c, false);
	if (c->holders > 0 && !RECYCLE_BLINDLY) {
		retire(c);
	} else {
		descriptor_close(c);
		slot_free(c);
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

	if (RECYCLE_BLINDLY)
		return conn_is_open(c) ? c : NULL;
	assert(c->generation == handle >> 32 && c->holders > 0);
	c->holders--;
	if (conn_is_open(c))
		return c;
	conn_stats.late++;
	if (c->holders == 0)
		park(c);
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

void conn_set_reusable(struct conn *c, bool reusable)
{
	if (list_has(&c->reusable) == reusable)
		return;
	if (reusable) {
		list_add_last(&reusable_queue, &c->reusable);
		conn_stats.reusable++;
	} else {
		list_remove(&c->reusable);
		conn_stats.reusable--;
	}
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

void conn_unpost(struct conn *c)
{
	if (list_has(&c->posted))
		list_remove(&c->posted);
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
 * If a read returns fewer bytes than there is room for, the socket is empty, and epoll reports
 * the next bytes. So may_read becomes false. But if the peer has shut down its sending half,
 * may_read stays true: epoll reports the end only once, and a further read must return it.
 */
enum io_result conn_read(struct conn *c, char *to, size_t n, size_t *got)
{
	enum io_result result = net_read(c->fd, to, n, got);

	if (result == IO_AGAIN || (result == IO_OK && *got < n && !c->peer_done))
		c->may_read = false;
	return result;
}

/*
 * The socket is full. EPOLL_CTL_MOD adds EPOLLOUT and makes epoll check the socket again. So if
 * room became free meanwhile, epoll reports it. If the call fails, the connection fails too,
 * because no event would report the room.
 */
static enum io_result note_full(struct conn *c)
{
	c->may_write = false;
	if (!c->watched || c->watched_both)
		return IO_AGAIN;
	c->watched_both = epoll_change(c->fd, conn_handle(c), BOTH_WAYS) == 0;
	return c->watched_both ? IO_AGAIN : IO_ERROR;
}

enum io_result conn_write(struct conn *c, struct str bytes, size_t *sent)
{
	enum io_result result = net_write(c->fd, bytes, sent);

	if (result != IO_ERROR && *sent < bytes.len && note_full(c) == IO_ERROR)
		return IO_ERROR;
	return result;
}

enum io_result conn_send(struct conn *c, struct str *head, struct chain **chain, off_t limit,
			 off_t *sent)
{
	enum io_result result = chain_send(c->fd, head, chain, limit, sent);

	return result == IO_AGAIN ? note_full(c) : result;
}

void conn_dispatch(uint64_t handle, uint32_t events)
{
	struct conn *c = conn_from_handle(handle);

	if (c == NULL) {
		conn_stats.stale++;
		return;
	}
	/* for an error both callbacks are called; their next read or write returns the error */
	if (events & (EPOLLERR | EPOLLHUP))
		events |= EPOLLIN | EPOLLOUT;
	if (events & EPOLLRDHUP)
		c->peer_done = true;
	if (events & EPOLLOUT)
		c->may_write = true;
	if (events & (EPOLLIN | EPOLLRDHUP)) {
		c->may_read = true;
		if (c->calls->on_readable != NULL && !c->connecting)
			c->calls->on_readable(c);
	}
	/* on_readable may have closed the connection, and a new connection may have its slot */
	if (events & EPOLLOUT && conn_from_handle(handle) == c && c->calls->on_writable != NULL)
		c->calls->on_writable(c);
}
