/*
 * network: sets of addresses as rules name them ("10.0.0.0/8", "2001:db8::/32",
 * "unix:", "all"), and single addresses as headers name them.
 *
 * An IPv4 address inside IPv6 (::ffff:10.0.0.1) is that IPv4 address. Otherwise a client of a
 * socket for both could avoid every rule.
 */
#ifndef IO_NETWORK_H
#define IO_NETWORK_H

#include "io/net.h"

enum network_kind { NETWORK_ALL, NETWORK_UNIX, NETWORK_V4, NETWORK_V6 };

struct network {
	enum network_kind kind;
	unsigned char address[16], mask[16]; /* of v4 the first 4 */
};

/* False: it is not a network. *cut: bits behind the mask were set, and are cleared now. */
bool network_parse(struct network *n, struct str text, bool *cut);

bool network_has(const struct network *n, const struct sockaddr *a);

/* Reads an address without a name: "10.0.0.1", "10.0.0.1:80", "::1", "[::1]:80". A name would
 * have to be looked up, and that can take seconds. */
bool peer_parse(union peer *p, struct str text);

#endif
