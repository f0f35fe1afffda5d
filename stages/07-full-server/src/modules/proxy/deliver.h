/*
 * deliver: sends a reply to the client when its head is there: through the gate, as an error
 * page, to the URI of X-Accel-Redirect, or as it is, with its body piece by piece.
 */
#ifndef PROXY_DELIVER_H
#define PROXY_DELIVER_H

#include "modules/proxy/exchange.h"

/* The head is in x->reply, and no other server will be asked. */
enum phase_result deliver_reply(struct exchange *x);

/* The reply is 101, and the client has asked for an upgrade. */
enum phase_result deliver_upgrade(struct exchange *x);
/* call it for events while the state is TUNNEL */
enum phase_result deliver_tunnel(struct exchange *x);

/* For events of the upstream's connection while the state is BODY: bytes have come, or the
 * timer is due. */
enum phase_result deliver_more(struct exchange *x);
enum phase_result deliver_timeout(struct exchange *x);

#endif
