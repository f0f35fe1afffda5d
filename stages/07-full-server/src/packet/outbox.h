/*
 * outbox: packets that wait to be sent on one connection. Everything written within one turn
 * of the loop is sent with one call at its end. What the socket does not take is kept; when
 * nothing is left, the memory is freed.
 */
#ifndef PACKET_OUTBOX_H
#define PACKET_OUTBOX_H

#include "event/conn.h"
#include "packet/frame.h"

struct outbox { /* begins as zeros */
	char *bytes;
	uint32_t at, len, room; /* the bytes from `at` to `len` are not sent yet */
};

bool outbox_add(struct outbox *o, uint16_t command, struct str body); /* false: no memory */
enum io_result outbox_send(struct outbox *o, struct conn *c); /* IO_OK: everything is sent */
void outbox_fini(struct outbox *o);

static inline size_t outbox_unsent(const struct outbox *o)
{
	return o->len - o->at;
}

#endif
