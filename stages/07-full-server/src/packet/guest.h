/*
 * guest: one client of the packet server.
 *
 * Signs of life. A guest shows that it is alive when it sends a valid packet, or when it reads
 * what the server has sent. At each sign of life only the time is stored. Each connection has
 * one timer, and packets do not move this timer. When the timer is due, its callback computes
 * how long the guest has been silent, and starts the timer again for the rest of the time.
 *
 *     |<-------- heartbeat_interval * heartbeat_missed -------->|
 *     sign of life              half: a probe                dropped, with a reset:
 *                                                            it would not answer a FIN
 *
 * Back-pressure. While there are unsent bytes for a guest, the server reads no bytes from the
 * guest. So a client that does not read its answers cannot ask more, because its TCP window
 * closes. But packets from other clients are still added to the unsent bytes. If there are more
 * than packet_unsent bytes, the guest is dropped.
 *
 * guest_drop only sets a mark, and each guest is closed in its own event. The reason: the
 * packet of one guest may end another guest, or the same guest, while code still uses both.
 */
#ifndef PACKET_GUEST_H
#define PACKET_GUEST_H

#include "event/accept.h"
#include "packet/outbox.h"
#include "packet/packet.h"

struct guest {
	struct conn *conn;
	const struct packet_settings *settings;
	struct list all; /* the link in the list of all guests of this process */
	struct framing framing;
	struct outbox outbox;
	uint64_t number;   /* the number of this connection, counted from the start */
	int64_t last_life; /* the time of the last sign of life, in ms of the monotonic clock */
	int64_t credit;    /* credit, in thousandths of a packet */
	int64_t credit_at; /* the time at which `credit` was computed */
	enum guest_end end;
	bool probed; /* a probe was sent since last_life */
	bool said_bye;
	/* an event of this guest is being handled; packets for the guest are sent at the end of
	 * the event */
	bool running;
};

void guests_init(void);
/* The on_accept of a listener. l->owner must be the struct packet_settings. */
void guest_accept(struct listener *l, struct conn *c);

void guest_send(struct guest *g, enum command command, struct str body);
void guests_send_all(enum command command, struct str body);
/* If guest_drop is called twice, the first reason counts. */
void guest_drop(struct guest *g, enum guest_end why);

void guests_leave(void); /* sends a bye packet to all guests and ends their connections soon */
void guests_close(void);

/* Handles a packet: see commands.c. */
void command_run(struct guest *g, const struct frame *packet);

#endif
