/*
 * guest: one client of the packet server.
 *
 * Life. A valid packet of any kind shows that a guest is alive; so does reading what we sent.
 * Both only store the time. Each connection has one timer, and traffic does not move it: when
 * it is due, it computes how long the guest has been silent, and is started again for the
 * rest.
 *
 *     |<-------- heartbeat_interval * heartbeat_missed -------->|
 *     sign of life              half: a probe                dropped, with a reset:
 *                                                            it would not answer a FIN
 *
 * Back pressure. As long as something is unsent, nothing is read: a client that does not read
 * its answers cannot ask more, because its TCP window closes. Packets from other clients are
 * added; beyond packet_unsent the guest is dropped.
 *
 * guest_drop only makes a note; each guest is closed in its own event. A packet of one guest
 * may end another one, or itself, while both are in use.
 */
#ifndef PACKET_GUEST_H
#define PACKET_GUEST_H

#include "event/accept.h"
#include "packet/outbox.h"
#include "packet/packet.h"

struct guest {
	struct conn *conn;
	const struct packet_settings *settings;
	struct list all; /* of this process */
	struct framing framing;
	struct outbox outbox;
	uint64_t number;   /* the number of this connection, counted from the start */
	int64_t last_life; /* monotonic ms */
	int64_t credit;    /* credit, in thousandths of a packet */
	int64_t credit_at; /* the time at which `credit` was right */
	enum guest_end end;
	bool probed; /* since last_life */
	bool said_bye;
	/* its event is being handled: packets for it are sent at the end of that event */
	bool running;
};

void guests_init(void);
/* a listener's on_accept; the owner of the listener is the struct with the settings */
void guest_accept(struct listener *l, struct conn *c);

void guest_send(struct guest *g, enum command command, struct str body);
void guests_send_all(enum command command, struct str body);
/* when it is called twice, the first reason counts */
void guest_drop(struct guest *g, enum guest_end why);

void guests_leave(void); /* sends bye to all; their connections end soon */
void guests_close(void);

/* Handles a packet, see commands.c. */
void command_run(struct guest *g, const struct frame *packet);

#endif
