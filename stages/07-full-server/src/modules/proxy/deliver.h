/*
 * deliver: sends the reply of the upstream to the client, when the head of the reply is
 * complete. The gate may take the reply. Otherwise the client gets an error page, the content
 * of the URI in X-Accel-Redirect, or the reply itself. The body of the reply is sent piece by
 * piece.
 */
#ifndef PROXY_DELIVER_H
#define PROXY_DELIVER_H

#include "modules/proxy/exchange.h"

/* Called when the head is in x->reply, and the proxy will ask no other server. */
enum phase_result deliver_reply(struct exchange *x);

/* Called when the status of the reply is 101, and the client has asked for an upgrade. */
enum phase_result deliver_upgrade(struct exchange *x);
/* called for each event while the state is TUNNEL */
enum phase_result deliver_tunnel(struct exchange *x);

/* Call these functions while the state is BODY, for events of the upstream's connection.
 * deliver_more: bytes have come. deliver_timeout: the timer has expired. */
enum phase_result deliver_more(struct exchange *x);
enum phase_result deliver_timeout(struct exchange *x);

#endif
