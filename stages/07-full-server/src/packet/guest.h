/*
 * guest: one client of the packet server.
 *
 * Life. A valid packet of any kind shows that a guest lives; so does its taking
 * of what we owe it. Either only notes the moment. There is one timer a
 * connection, and traffic does not move it: when it comes, it looks how long the
 * silence has been, and comes again for what is left.
 *
 *     |<-------- heartbeat_interval * heartbeat_missed -------->|
 *     sign of life              half: a probe                dropped, with a reset:
 *                                                            who would answer a FIN?
 *
 * Back pressure. As long as something is unsent, nothing is read: who does not
 * take its answers can ask no more, and TCP tells it so. What others say comes
 * on top; beyond packet_unsent the guest is dropped.
 *
 * Dropping is a note (guest_drop); each guest is closed by its own event. For the
 * packet of one may be the end of another, or of itself, while both are looked at.
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
	uint64_t number;   /* of all so far */
	int64_t last_life; /* monotonic ms */
	int64_t credit;    /* thousandths of packets that it may still send */
	int64_t credit_at; /* as of this moment */
	enum guest_end end;
	bool probed; /* since last_life */
	bool said_bye;
	bool running; /* its event is on the stack: what it is sent goes out at the end of that */
};

void guests_init(void);
void guest_accept(struct listener *l, struct conn *c); /* the listener's owner: the settings */

void guest_send(struct guest *g, enum command command, struct str body);
void guests_send_all(enum command command, struct str body);
void guest_drop(struct guest *g, enum guest_end why); /* the first reason counts */

void guests_leave(void); /* says bye; they are gone soon */
void guests_close(void);

/* What a packet means: commands.c. */
void command_run(struct guest *g, const struct frame *packet);

#endif
