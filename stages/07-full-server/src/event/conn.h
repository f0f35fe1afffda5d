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

/* The owner's callbacks. NULL: not called now; may_read and may_write remember the event. */
struct conn_calls {
	void (*on_readable)(struct conn *c);
	void (*on_writable)(struct conn *c);
	void (*on_timeout)(struct conn *c); /* its timer is due */
	void (*on_posted)(struct conn *c);  /* after conn_post */
	void (*on_reuse)(struct conn *c);   /* the table is full: it must close itself now */
};

/* As in the diagram above. A table of zeroes is a table of free slots. */
enum conn_state { CONN_FREE, CONN_OPEN, CONN_CLOSING, CONN_PARKED };

struct conn {
	int fd;
	uint32_t generation;
	const struct conn_calls *calls; /* set by the owner, changed as its state changes */
	void *owner;
	struct timer timer;
	struct list reusable; /* in the queue of those that may be closed for new connections */
	struct list posted;   /* PARKED: in the queue of parked slots, until timer.due */
	union peer peer;
	uint16_t holders;      /* references: tasks that will come back with its handle */
	uint8_t state;         /* enum conn_state */
	bool borrowed : 1;     /* the descriptor stays open when this closes */
	bool watched : 1;      /* in epoll */
	bool watched_both : 1; /* for writing as well */
	bool may_read : 1;     /* until a read finds nothing more */
	bool may_write : 1;    /* until a write sends less than all */
	bool peer_done : 1;    /* the other side has shut down its sending half */
	bool connecting : 1;   /* conn_connect is under way */
};

struct conn_stats {
	uint64_t size, used, reusable; /* slots; used: not free */
	uint64_t closing, parked;      /* of those that are used */
	uint64_t stale;                /* events for an older generation */
	uint64_t reused;               /* connections closed to make room for new ones */
	uint64_t refused;              /* connections refused because no slot was free */
	uint64_t late;                 /* results of tasks for connections that were closed */
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
 * A connection that this process opens, from that address of its own (NULL: any). NULL: it cannot
 * be, and errno says why (ENOBUFS: there is no free slot); net_is_own_fault tells whether the
 * cause is on this side. While it connects, the only callback is on_writable; then
 * conn_connected returns the result. The owner starts the timer, and conn_watch.
 */
struct conn *conn_connect(const struct address *to, const struct address *from,
			  const struct conn_calls *calls, void *owner);
/* 0: connected; EINPROGRESS: not yet; otherwise the errno of the failure. */
int conn_connected(struct conn *c);

/* Registers it, once; until then events are not reported. */
int conn_watch(struct conn *c);

/* A handle names one connection, also in later turns of the loop. It never names another
 * one. */
uint64_t conn_handle(const struct conn *c);
struct conn *conn_from_handle(uint64_t handle); /* NULL: it is gone */

/* A reference, as long as a thread works for it: no other connection gets the slot. */
uint64_t conn_get(struct conn *c);
struct conn *conn_put(uint64_t handle); /* NULL: it has been closed meanwhile */

void conn_recycle_after(int64_t ms); /* how long slots are parked; 0: not at all */

void conn_set_reusable(struct conn *c, bool reusable);

/* Calls on_posted later in this turn; _next: in the next turn, after the events have been asked for. */
void conn_post(struct conn *c);
void conn_post_next(struct conn *c);
void conn_unpost(struct conn *c); /* for another owner: the call is not made */

/*
 * Reading and sending that update may_read and may_write. When not all is sent, on_writable
 * follows.
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
