/*
 * conn: one descriptor in the event loop: a client, a listening socket, the
 * signals. All live in one table of slots.
 *
 *      conn_open            conn_watch                conn_close
 *  FREE --------> OPEN (not in epoll) ----> OPEN (in epoll) ----> FREE, generation + 1
 *                                                   |                ^
 *                                      conn_close,  |                |
 *                              a thread knows it    v                | last conn_put
 *                                                CLOSING ------------'
 *
 * What epoll carries for a connection is its slot and the slot's generation.
 * A slot that was closed has a new generation, so events that the kernel had
 * already reported for the old connection match no slot, however often the slot
 * was used again within one batch.
 *
 * The descriptor is registered once, edge-triggered: an idle, busy, idle again
 * connection costs no further system call. So `may_read` and `may_write` remember
 * what epoll reported until read or write returns EAGAIN. EPOLLOUT is registered
 * when a write first returns EAGAIN: most connections never need it, and it would
 * wake them once more.
 *
 * Do not use a connection after conn_close. To keep one across turns of the loop,
 * store its handle and call conn_from_handle.
 *
 * Delayed recycling. A task that works for a connection in a thread holds a reference
 * (conn_get), so its slot and its descriptor's number cannot be used by another connection before
 * the result is back. A connection that closes meanwhile is shut down at once, but its descriptor
 * and its slot stay in use until the last reference is released (conn_put), however long that
 * takes. A connection without references, as nearly all are, is recycled at once.
 *
 * Generations have 32 bits. One slot would have to be used 2^32 times within a
 * batch of events for one of them to come again.
 */
#ifndef EVENT_CONN_H
#define EVENT_CONN_H

#include <stdint.h>

#include "base/list.h"
#include "event/timer.h"
#include "io/net.h"

struct conn;

/* The owner's callbacks. NULL: not called now; may_read and may_write keep the event for
 * later. */
struct conn_calls {
	void (*on_readable)(struct conn *c);
	void (*on_writable)(struct conn *c);
	void (*on_timeout)(struct conn *c); /* its timer is due */
	void (*on_posted)(struct conn *c);  /* after conn_post */
};

/* The states of the diagram above. A table of zeroes is a table of free slots. */
enum conn_state { CONN_FREE, CONN_OPEN, CONN_CLOSING };

struct conn {
	int fd;
	uint32_t generation;
	const struct conn_calls *calls; /* set by the owner, changed as its state changes */
	void *owner;
	struct timer timer;
	struct list posted;
	uint16_t holders;      /* tasks in threads that work for it */
	uint8_t state;         /* enum conn_state */
	bool borrowed : 1;     /* conn_close leaves the descriptor open */
	bool watched : 1;      /* in epoll */
	bool watched_both : 1; /* epoll also reports when it can be written */
	bool may_read : 1;     /* set by an event, until a read finds nothing more */
	bool may_write : 1;    /* until a write takes less than all bytes */
	bool peer_done : 1;    /* the other side has shut down its sending half */
};

struct conn_stats {
	uint64_t size, used; /* slots; `used` counts those that are not free */
	uint64_t stale;      /* events that belonged to an older generation */
	uint64_t refused;    /* new connections without a slot */
};

extern struct conn_stats conn_stats;

int conn_table_init(uint32_t slots);
void conn_table_fini(void); /* closes what is still open */

static inline bool conn_is_open(const struct conn *c)
{
	return c->state == CONN_OPEN;
}

/* Takes a slot for fd. NULL: no slot is free, and the caller still owns fd. */
struct conn *conn_open(int fd, const struct conn_calls *calls, void *owner);
void conn_close(struct conn *c);

/* Adds it to epoll, once. Before that no event is reported. */
int conn_watch(struct conn *c);

/* A handle names one connection, across turns of the loop, and never another one. */
uint64_t conn_handle(const struct conn *c);
struct conn *conn_from_handle(uint64_t handle); /* NULL: the connection was closed */

/* For a task in a thread: its slot and its descriptor stay as they are until conn_put. */
uint64_t conn_get(struct conn *c);
struct conn *conn_put(uint64_t handle); /* NULL: the connection was closed meanwhile */

/* conn_post: on_posted is called later in this turn. conn_post_next: in the next turn, after
 * epoll has been asked. */
void conn_post(struct conn *c);
void conn_post_next(struct conn *c);

/*
 * These read and send, and update may_read and may_write. When not all bytes are sent,
 * on_writable is called later.
 */
enum io_result conn_read(struct conn *c, char *to, size_t n, size_t *got);
enum io_result conn_write(struct conn *c, const char *bytes, size_t n, bool more, size_t *sent);
enum io_result conn_send_file(struct conn *c, int file, off_t from, size_t n, size_t *sent);

/* For the loop. */
void conn_dispatch(uint64_t handle, uint32_t events);
void conn_run_posted(void);
bool conn_has_posted(void);
struct conn *conn_at(uint32_t slot); /* open or not; NULL: it was never used */

#endif
