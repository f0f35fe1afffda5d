/*
 * deliver: a reply whose head is there goes to the client: through the gate, as an error page, to
 * where X-Accel-Redirect says, or as it is, its body piece by piece.
 */
#ifndef PROXY_DELIVER_H
#define PROXY_DELIVER_H

#include "modules/proxy/exchange.h"

/* The head is in x->reply, and no other server is asked. */
enum phase_result deliver_reply(struct exchange *x);

/* It is 101, and an upgrade was asked for. */
enum phase_result deliver_upgrade(struct exchange *x);
enum phase_result deliver_tunnel(struct exchange *x); /* for events while its state is TUNNEL */

/* For events of the connection while its state is BODY: bytes, or the timer. */
enum phase_result deliver_more(struct exchange *x);
enum phase_result deliver_timeout(struct exchange *x);

#endif
