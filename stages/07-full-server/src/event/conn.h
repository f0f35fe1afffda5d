/*
 * conn: one descriptor in the event loop. It may be a client, a listening socket, the signals,
 * the channel to the master, or the eventfd for finished tasks of threads. All connections are
 * in one table of worker_connections slots.
 *
 *      conn_open            conn_watch                conn_close
 *  FREE --------> OPEN (not in epoll) ----> OPEN (in epoll) ----> FREE, generation + 1
 *                                                   |                ^
 *                              conn_close,          |                | connection_recycle_delay
 *                              a thread knows it    v  last conn_put |
 *                                                CLOSING --------> PARKED
 *
 * For each connection, epoll stores the slot and the generation of the slot. When a connection
 * is closed, its slot gets a new generation. So an event that the kernel has already reported
 * for the old connection matches no slot, even if the slot was used again several times within
 * the same batch of events.
 *
 * The descriptor is registered once, edge-triggered. So a connection that is idle, busy and
 * idle again needs no further call of epoll_ctl. But epoll reports each change only once.
 * `may_read` and `may_write` store what epoll has reported, until read or write returns EAGAIN.
 * EPOLLOUT is registered when a write first returns EAGAIN. Most connections never need
 * EPOLLOUT, and for them it would only cause one more event.
 *
 * Do not use a connection after conn_close. To find a connection again in a later turn of the
 * loop, store its handle and call conn_from_handle.
 *
 * Delayed recycling. A task that works for a connection in a thread holds a reference
 * (conn_get). So no other connection can use the slot before the result is back. If the
 * connection is closed meanwhile, it is shut down at once. But its descriptor and its slot stay
 * in use until the last reference is released (conn_put), even if that takes long. After that
 * the slot is parked for a while. Parking is only a second protection, against code that breaks
 * these rules. Correct code does not depend on the length of the parking, and the default is 0.
 * Nearly all connections have no references when they are closed: their slots are free at once.
 *
 * A generation has 32 bits. The same generation would come again only if one slot were used
 * 2^32 times within one batch of events. While a task holds a reference, the generation does
 * not change.
 */
#ifndef EVENT_CONN_H
#define EVENT_CONN_H

#include "base/list.h"
#include "event/timer.h"
#include "io/chain_send.h"
#include "io/net.h"

struct conn;

/* The callbacks of the owner. A callback that is NULL is not called. The event is not lost:
 * may_read or may_write stays true. */
struct conn_calls {
	void (*on_readable)(struct conn *c);
	void (*on_writable)(struct conn *c);
	void (*on_timeout)(struct conn *c); /* the timer of the connection is due */
	void (*on_posted)(struct conn *c);  /* called later, after conn_post */
	/* called when few slots are free: the callback must close this connection now */
	void (*on_reuse)(struct conn *c);
};

/* The states of the diagram above. CONN_FREE is 0, so all slots of a zeroed table are free. */
enum conn_state { CONN_FREE, CONN_OPEN, CONN_CLOSING, CONN_PARKED };

struct conn {
	int fd;
	uint32_t generation;
	/* set by the owner, which may change it in each of its states */
	const struct conn_calls *calls;
	void *owner;
	struct timer timer;
	/* the link in the queue of idle connections that may be closed for new ones */
	struct list reusable;
	/* the link in the queue of posted connections; PARKED: in the queue of parked slots,
	 * until timer.due */
	struct list posted;
	union peer peer;
	/* references: the number of tasks that will call conn_put later */
	uint16_t holders;
	uint8_t state;         /* enum conn_state */
	bool borrowed : 1;     /* conn_close leaves the descriptor open */
	bool watched : 1;      /* the descriptor is in epoll */
	bool watched_both : 1; /* EPOLLOUT is registered too */
	bool may_read : 1;     /* set by an event, cleared when a read finds no more bytes */
	/* set by an event, cleared when the socket does not take all bytes */
	bool may_write : 1;
	bool peer_done : 1;  /* the other side has shut down its sending half */
	bool connecting : 1; /* conn_connect has started, and there is no result yet */
};

struct conn_stats {
	/* `size` counts all slots, `used` the slots that are not free */
	uint64_t size, used, reusable;
	uint64_t closing, parked; /* the number of slots in these states */
	uint64_t stale;           /* events for an older generation, which were ignored */
	uint64_t reused;          /* connections closed to make room for new ones */
	uint64_t refused;         /* connections refused because no slot was free */
	uint64_t late;            /* results of tasks that came after their connection had closed */
};

extern struct conn_stats conn_stats;

int conn_table_init(uint32_t slots);
void conn_table_fini(void); /* closes all connections that are still open */

static inline bool conn_is_open(const struct conn *c)
{
	return c->state == CONN_OPEN;
}

/* Takes a slot for fd. Returns NULL if no slot is free; then the caller still owns fd. */
struct conn *conn_open(int fd, const struct conn_calls *calls, void *owner);
void conn_close(struct conn *c);

/*
 * Does the same for an accepted connection, but refuses it while at least a quarter of the
 * slots is closing or parked. Without this limit, a client could use all slots: it would
 * connect, ask for something slow and disconnect, many times.
 */
struct conn *conn_admit(int fd, const struct conn_calls *calls, void *owner);
bool conn_lot_is_full(void);

/*
 * Opens a connection to another server. `from` is the local address; if it is NULL, the kernel
 * chooses the address. Returns NULL and sets errno on failure (ENOBUFS means that no slot is
 * free); net_is_own_fault tells whether the cause is on this side. Before the connection is
 * made, only on_writable is called; then conn_connected returns the result. The owner must
 * start the timer and call conn_watch.
 */
struct conn *conn_connect(const struct address *to, const struct address *from,
			  const struct conn_calls *calls, void *owner);
/* Returns 0 if the connection is made, EINPROGRESS if it is not made yet, otherwise the errno
 * of the failure. */
int conn_connected(struct conn *c);

/* Adds the connection to epoll. Call it once. Before this call no event is reported. */
int conn_watch(struct conn *c);

/* A handle names one connection, also in later turns of the loop. The same handle never names
 * another connection. */
uint64_t conn_handle(const struct conn *c);
struct conn *conn_from_handle(uint64_t handle); /* NULL if the connection was closed */

/* Takes a reference and returns the handle. While a task holds a reference, no other connection
 * gets the slot. conn_put releases the reference and returns the connection, or NULL if the
 * connection was closed meanwhile. */
uint64_t conn_get(struct conn *c);
struct conn *conn_put(uint64_t handle);

/* how long slots are parked, in ms; 0 means that they are not parked */
void conn_recycle_after(int64_t ms);

void conn_set_reusable(struct conn *c, bool reusable);

/* After conn_post, on_posted is called later in this turn. After conn_post_next, on_posted is
 * called in the next turn, after epoll_wait. */
void conn_post(struct conn *c);
void conn_post_next(struct conn *c);
/* on_posted is not called any more; use it when the owner changes */
void conn_unpost(struct conn *c);

/*
 * These read and send bytes, and update may_read and may_write. If some bytes could not be
 * sent, on_writable is called later.
 */
enum io_result conn_read(struct conn *c, char *to, size_t n, size_t *got);
enum io_result conn_write(struct conn *c, struct str bytes, size_t *sent);
enum io_result conn_send(struct conn *c, struct str *head, struct chain **chain, off_t limit,
			 off_t *sent);

/* Only the loop and tests call these. */
void conn_dispatch(uint64_t handle, uint32_t events);
void conn_run_posted(void);
bool conn_has_posted(void);
/* returns the slot in any state; NULL if the slot was never used */
struct conn *conn_at(uint32_t slot);

#endif
