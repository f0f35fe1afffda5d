/*
 * conn: one descriptor in the event loop: a client, a listening socket, the signals, the
 * master's channel, the finished tasks of threads. All live in one table of worker_connections
 * slots.
 *
 *      conn_open            conn_watch                conn_close
 *  FREE --------> OPEN (not in epoll) ----> OPEN (in epoll) ----> FREE, generation + 1
 *                                                   |                ^
 *                              conn_close,          |                | connection_recycle_delay
 *                              a thread knows it    v  last conn_put |
 *                                                CLOSING --------> PARKED
 *
 * What epoll carries for a connection is its slot and the slot's generation. A slot that was
 * closed has a new generation, so events that the kernel had already reported for the old
 * connection match no slot, however often the slot was used again within one batch.
 *
 * The descriptor is registered once, edge-triggered: an idle, busy, idle again connection
 * costs no further system call. So `may_read` and `may_write` remember what epoll reported
 * until read or write returns EAGAIN. EPOLLOUT is registered when a write first returns
 * EAGAIN: most connections never need it, and it would wake them once more.
 *
 * Do not use a connection after conn_close. To keep one across turns of the loop, store its
 * handle and call conn_from_handle.
 *
 * Delayed recycling. A task that works for a connection in a thread holds a reference
 * (conn_get), so its slot cannot be used by another connection before the result is back. A
 * connection that closes meanwhile is shut down at once, but its descriptor and its slot stay
 * in use until the last reference is released (conn_put), however long that takes. After that
 * the slot is parked for a while. Parking is only a second protection, for code that broke
 * these rules: correct code does not depend on its length, and the default is 0. A connection
 * without references, as nearly all are, is recycled at once.
 *
 * Generations have 32 bits. One slot would have to be used 2^32 times within a
 * batch of events for one of them to come again; a reference stops the counting.
 */
#ifndef EVENT_CONN_H
#define EVENT_CONN_H

#include "base/list.h"
#include "event/timer.h"
#include "io/chain_send.h"
#include "io/net.h"

struct conn;

/* The owner's callbacks. NULL: not called now; may_read and may_write keep the event for
 * later. */
struct conn_calls {
	void (*on_readable)(struct conn *c);
	void (*on_writable)(struct conn *c);
	void (*on_timeout)(struct conn *c); /* its timer is due */
	void (*on_posted)(struct conn *c);  /* after conn_post */
	/* no slot is free: the callback must close this connection now */
	void (*on_reuse)(struct conn *c);
};

/* The states of the diagram above. A table of zeroes is a table of free slots. */
enum conn_state { CONN_FREE, CONN_OPEN, CONN_CLOSING, CONN_PARKED };

struct conn {
	int fd;
	uint32_t generation;
	const struct conn_calls *calls; /* set by the owner, changed as its state changes */
	void *owner;
	struct timer timer;
	/* its link in the queue of connections that may be closed for new ones */
	struct list reusable;
	struct list posted; /* PARKED: its link in the queue of parked slots, until timer.due */
	union peer peer;
	uint16_t holders;      /* references: how many tasks will come back with its handle */
	uint8_t state;         /* enum conn_state */
	bool borrowed : 1;     /* conn_close leaves the descriptor open */
	bool watched : 1;      /* in epoll */
	bool watched_both : 1; /* epoll also reports when it can be written */
	bool may_read : 1;     /* set by an event, until a read finds nothing more */
	bool may_write : 1;    /* set by an event, until a write takes less than all bytes */
	bool peer_done : 1;    /* the other side has shut down its sending half */
	bool connecting : 1;   /* conn_connect is under way */
};

struct conn_stats {
	uint64_t size, used, reusable; /* slots; `used` counts those that are not free */
	uint64_t closing, parked;      /* how many of the used slots are in this state */
	uint64_t stale;                /* events that belonged to an older generation */
	uint64_t reused;               /* connections closed to make room for new ones */
	uint64_t refused;              /* connections refused because no slot was free */
	uint64_t late; /* results of tasks that came after their connection had closed */
};

extern struct conn_stats conn_stats;

int conn_table_init(uint32_t slots);
void conn_table_fini(void); /* closes what is still open */

static inline bool conn_is_open(const struct conn *c)
{
	return c->state == CONN_OPEN;
}

/* Takes a slot for fd; NULL: no slot is free, and the caller still owns fd. */
struct conn *conn_open(int fd, const struct conn_calls *calls, void *owner);
void conn_close(struct conn *c);

/*
 * The same for an accepted connection. It is refused while a quarter of the slots is closing
 * or parked. So a client that connects, asks for something slow and leaves, again and again,
 * cannot use up all slots.
 */
struct conn *conn_admit(int fd, const struct conn_calls *calls, void *owner);
bool conn_lot_is_full(void);

/*
 * Opens a connection to a server. `from`: the address to connect from; NULL: the kernel
 * chooses. NULL is returned when that is not possible, and errno says why (ENOBUFS: there is no
 * free slot); net_is_own_fault tells whether the cause is on this side. Until the connection is
 * made, the only callback is on_writable; then conn_connected returns the result. The owner
 * starts the timer, and calls conn_watch.
 */
struct conn *conn_connect(const struct address *to, const struct address *from,
			  const struct conn_calls *calls, void *owner);
/* Returns 0: connected; EINPROGRESS: not yet; otherwise the errno of the failure. */
int conn_connected(struct conn *c);

/* Adds it to epoll, once. Before that no event is reported. */
int conn_watch(struct conn *c);

/* A handle names one connection, also in later turns of the loop. It never names another
 * one. */
uint64_t conn_handle(const struct conn *c);
struct conn *conn_from_handle(uint64_t handle); /* NULL: the connection was closed */

/* Takes a reference. As long as a task holds it, no other connection gets the slot. */
uint64_t conn_get(struct conn *c);
struct conn *conn_put(uint64_t handle); /* NULL: the connection was closed meanwhile */

void conn_recycle_after(int64_t ms); /* how long slots are parked; 0: not at all */

void conn_set_reusable(struct conn *c, bool reusable);

/* conn_post: on_posted is called later in this turn. conn_post_next: in the next turn, after
 * epoll has been asked. */
void conn_post(struct conn *c);
void conn_post_next(struct conn *c);
void conn_unpost(struct conn *c); /* the owner changes: on_posted is not called */

/*
 * Read and send. They update may_read and may_write. If some bytes could not be sent,
 * on_writable is called later.
 */
enum io_result conn_read(struct conn *c, char *to, size_t n, size_t *got);
enum io_result conn_write(struct conn *c, struct str bytes, size_t *sent);
enum io_result conn_send(struct conn *c, struct str *head, struct chain **chain, off_t limit,
			 off_t *sent);

/* For the loop. */
void conn_dispatch(uint64_t handle, uint32_t events);
void conn_run_posted(void);
bool conn_has_posted(void);
struct conn *conn_at(uint32_t slot); /* the slot, open or not; NULL: it was never used */

#endif
