/*
 * outbox: the packets that wait to be sent on the connection of one guest. (A guest is a client
 * that speaks the packet protocol.) Several packets are sent with one call. Packets that the
 * guest causes itself are sent when its event ends. Packets from other guests are sent at the
 * end of the turn. Bytes that the socket does not take are kept. When all bytes are sent, the
 * memory is freed.
 */
#ifndef PACKET_OUTBOX_H
#define PACKET_OUTBOX_H

#include "event/conn.h"
#include "packet/frame.h"

struct outbox { /* at first all members are zero */
	char *bytes;
	uint32_t at, len, room; /* the bytes from `at` to `len` are not sent yet */
};

/* returns false when there is no memory */
bool outbox_add(struct outbox *o, uint16_t command, struct str body);
/* IO_OK means that all bytes are sent */
enum io_result outbox_send(struct outbox *o, struct conn *c);
void outbox_fini(struct outbox *o);

static inline size_t outbox_unsent(const struct outbox *o)
{
	return o->len - o->at;
}

#endif
