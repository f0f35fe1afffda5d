#include "packet/guest.h"

#include <errno.h>

#include "base/clock.h"
#include "base/log.h"
#include "mem/alloc.h"

enum {
	/* the most bytes of one read; there is only one read per turn, so that other clients
	 * are served too */
	READ_SIZE = 16384,
	PACKET = 1000, /* the credit that one packet costs */
	BURST = 2,     /* the credit grows for at most this number of seconds */
	GRACE = 1000,  /* after the bye packet the client may still send for this time, in ms */
};

struct packet_stats packet_stats;

static const struct {
	const char *name;
	enum log_level level;
	/* close with a reset and not with a FIN, because the peer does not answer */
	bool reset;
} ends[GUEST_ENDS] = {
    [GUEST_LEFT] = {"it has left", LOG_INFO, false},
    [GUEST_LOST] = {"connection lost", LOG_INFO, false},
    [GUEST_SILENT] = {"heartbeats missed", LOG_NOTICE, true},
    [GUEST_DEAF] = {"it does not read", LOG_WARN, true},
    [GUEST_FLOOD] = {"flood: too many packets a second", LOG_WARN, false},
    [GUEST_SHORT] = {"malformed: a length below 8", LOG_WARN, false},
    [GUEST_LONG] = {"oversize: a length above packet_max", LOG_WARN, false},
    [GUEST_WRONG_CRC] = {"malformed: wrong CRC", LOG_WARN, false},
    [GUEST_UNKNOWN_COMMAND] = {"malformed: unknown command", LOG_WARN, false},
    [GUEST_NO_MEMORY] = {"no memory", LOG_ERROR, false},
    [GUEST_DISMISSED] = {"the server leaves", LOG_INFO, false},
};

static struct list guests;
static bool all_leave;
/* all guests share this buffer; it contains no bytes between two events */
static char input[READ_SIZE];

/* ---- what a guest may send, and what it receives */

/* Returns false if the guest has too little credit for a packet. The credit grows with time,
 * and each packet costs some credit. */
static bool pays_for_packet(struct guest *g)
{
	int64_t rate = g->settings->packet_rate;

	g->credit += (now.ms - g->credit_at) * rate;
	g->credit_at = now.ms;
	if (g->credit > BURST * rate * PACKET)
		g->credit = BURST * rate * PACKET;
	g->credit -= PACKET;
	return g->credit >= 0;
}

static void note_life(struct guest *g)
{
	g->last_life = now.ms;
	g->probed = false;
}

/* Makes the loop call the event handler of the guest once more in this turn. */
static void wake(struct guest *g)
{
	if (!g->running)
		conn_post(g->conn);
}

void guest_drop(struct guest *g, enum guest_end why)
{
	if (g->end == GUEST_STAYS)
		g->end = why;
	wake(g);
}

void guest_send(struct guest *g, enum command command, struct str body)
{
	if (g->end == GUEST_STAYS && !outbox_add(&g->outbox, (uint16_t)command, body))
		guest_drop(g, GUEST_NO_MEMORY);
	wake(g);
}

void guests_send_all(enum command command, struct str body)
{
	LIST_EACH(link, &guests) {
		struct guest *g = CONTAINER_OF(link, struct guest, all);

		if (outbox_unsent(&g->outbox) + FRAME_HEAD + body.len >
		    (size_t)g->settings->packet_unsent)
			guest_drop(g, GUEST_DEAF);
		else
			guest_send(g, command, body);
	}
}

/* ---- the end of a guest */

static void say_how_it_ended(const struct guest *g)
{
	char address[ADDRESS_TEXT];

	if (!log_wants(log_main, ends[g->end].level))
		return;
	address_print(&g->conn->peer.any, address);
	log_write(log_main, ends[g->end].level, "*%llu packet client %s: %s, silent for %lld ms",
		  (unsigned long long)g->number, address, ends[g->end].name,
		  (long long)(now.ms - g->last_life));
}

static void say_bye(struct guest *g, enum guest_end why)
{
	if (g->said_bye || !outbox_add(&g->outbox, COMMAND_BYE, str_from(ends[why].name)))
		return;
	g->said_bye = true;
	outbox_send(&g->outbox, g->conn);
}

static void guest_close(struct guest *g)
{
	struct conn *c = g->conn;

	say_how_it_ended(g);
	packet_stats.ended[g->end]++;
	packet_stats.connections--;
	/* The connection is closed at once, without waiting until the client has read the bye
	 * packet. */
	if (g->end != GUEST_LEFT && g->end != GUEST_LOST)
		say_bye(g, g->end);
	if (ends[g->end].reset)
		net_reset_on_close(c->fd);
	list_remove(&g->all);
	framing_fini(&g->framing);
	outbox_fini(&g->outbox);
	alloc_give(&alloc_main, g, sizeof(*g));
	conn_close(c);
}

/* ---- reading and sending */

static enum guest_end end_of(enum frame_result result)
{
	switch (result) {
	case FRAME_SHORT:
		return GUEST_SHORT;
	case FRAME_LONG:
		return GUEST_LONG;
	case FRAME_WRONG_CRC:
		return GUEST_WRONG_CRC;
	case FRAME_NO_MEMORY:
		return GUEST_NO_MEMORY;
	default:
		return GUEST_STAYS;
	}
}

static void take_packets(struct guest *g, const char *at, const char *end)
{
	uint32_t max = (uint32_t)g->settings->packet_max;
	enum frame_result result = FRAME_WHOLE;
	struct frame packet;

	while (g->end == GUEST_STAYS &&
	       (result = frame_next(&g->framing, max, &at, end, &packet)) == FRAME_WHOLE) {
		if (!pays_for_packet(g)) {
			guest_drop(g, GUEST_FLOOD);
			return;
		}
		packet_stats.packets++;
		note_life(g);
		command_run(g, &packet);
	}
	if (end_of(result) != GUEST_STAYS)
		guest_drop(g, end_of(result));
}

static void note_error(struct guest *g, const char *call)
{
	bool ordinary = errno == EPIPE || errno == ECONNRESET || errno == ETIMEDOUT;

	log_errno(log_main, ordinary ? LOG_INFO : LOG_ERROR, "*%llu %s(fd=%d)",
		  (unsigned long long)g->number, call, g->conn->fd);
	guest_drop(g, GUEST_LOST);
}

static bool may_read(const struct guest *g)
{
	return g->end == GUEST_STAYS && g->conn->may_read && outbox_unsent(&g->outbox) == 0;
}

static void read_some(struct guest *g)
{
	size_t got;

	switch (conn_read(g->conn, input, sizeof(input), &got)) {
	case IO_OK:
		take_packets(g, input, input + got);
		break;
	case IO_EOF:
		guest_drop(g, GUEST_LEFT);
		break;
	case IO_ERROR:
		note_error(g, "recv");
		break;
	case IO_AGAIN:
		break;
	}
}

static void send_unsent(struct guest *g)
{
	if (g->conn->may_write && outbox_send(&g->outbox, g->conn) == IO_ERROR)
		note_error(g, "send");
}

/* Every event of a guest ends with this function. */
static void run(struct guest *g)
{
	g->running = true;
	send_unsent(g);
	if (may_read(g))
		read_some(g);
	send_unsent(g);
	if (g->end == GUEST_STAYS && conn_watch(g->conn) < 0)
		g->end = GUEST_LOST;
	g->running = false;
	if (g->end != GUEST_STAYS)
		guest_close(g);
	else if (may_read(g))
		conn_post_next(g->conn);
}

/* ---- events */

static int64_t limit(const struct guest *g)
{
	return g->settings->heartbeat_interval * g->settings->heartbeat_missed;
}

/* Reads once more before the guest is dropped. Perhaps this process was slow, and bytes that
 * arrived in time are still in the socket. */
static void look_once_more(struct guest *g)
{
	g->conn->may_read = true;
	if (may_read(g))
		read_some(g);
}

static void check_life(struct guest *g)
{
	int64_t silence = now.ms - g->last_life;

	if (silence >= limit(g)) {
		guest_drop(g, outbox_unsent(&g->outbox) > 0 ? GUEST_DEAF : GUEST_SILENT);
		return;
	}
	if (silence >= limit(g) / 2 && !g->probed) {
		packet_stats.probes++;
		g->probed = true;
		guest_send(g, COMMAND_PROBE, STR_NONE);
	}
	timer_start(&g->conn->timer, (g->probed ? limit(g) : limit(g) / 2) - silence);
}

static void on_timeout(struct conn *c)
{
	struct guest *g = c->owner;

	if (all_leave)
		guest_drop(g, GUEST_DISMISSED);
	else if (now.ms - g->last_life >= limit(g))
		look_once_more(g);
	if (g->end == GUEST_STAYS)
		check_life(g);
	run(g);
}

static void on_event(struct conn *c)
{
	run(c->owner);
}

/* The socket was full, and has room now. So the client has read some bytes, and is alive. */
static void on_writable(struct conn *c)
{
	struct guest *g = c->owner;

	if (outbox_unsent(&g->outbox) > 0)
		note_life(g);
	run(g);
}

static const struct conn_calls guest_calls = {
    .on_readable = on_event,
    .on_writable = on_writable,
    .on_posted = on_event,
    .on_timeout = on_timeout,
};

static void dismiss(struct guest *g)
{
	say_bye(g, GUEST_DISMISSED);
	timer_start(&g->conn->timer, GRACE);
}

static struct guest *guest_create(struct conn *c, const struct packet_settings *settings)
{
	struct guest *g = alloc_take(&alloc_main, sizeof(*g));

	if (g == NULL)
		return NULL;
	*g = (struct guest){
	    .conn = c,
	    .settings = settings,
	    .number = ++packet_stats.accepted,
	    .last_life = now.ms,
	    .credit = BURST * settings->packet_rate * PACKET,
	    .credit_at = now.ms,
	};
	packet_stats.connections++;
	list_add_last(&guests, &g->all);
	return g;
}

void guest_accept(struct listener *l, struct conn *c)
{
	struct guest *g = guest_create(c, l->owner);

	if (g == NULL) {
		conn_close(c);
		return;
	}
	c->calls = &guest_calls;
	c->owner = g;
	timer_start(&c->timer, limit(g) / 2);
	/* the process was already leaving when this client was accepted */
	if (all_leave)
		dismiss(g);
	run(g);
}

void guests_init(void)
{
	list_init(&guests);
	all_leave = false;
}

void guests_leave(void)
{
	all_leave = true;
	LIST_EACH(link, &guests)
		dismiss(CONTAINER_OF(link, struct guest, all));
}

void guests_close(void)
{
	LIST_EACH(link, &guests) {
		struct guest *g = CONTAINER_OF(link, struct guest, all);

		g->end = GUEST_DISMISSED;
		guest_close(g);
	}
}
