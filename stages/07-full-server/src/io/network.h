/*
 * network: reads sets of addresses, as they are written in rules ("10.0.0.0/8",
 * "2001:db8::/32", "unix:", "all"). It also reads single addresses, as they are written in
 * headers.
 *
 * An IPv4 address that is written as IPv6 (::ffff:10.0.0.1) counts as the IPv4 address. A
 * socket for both versions reports IPv4 clients in this form. Otherwise no rule for IPv4
 * addresses would apply to these clients.
 */
#ifndef IO_NETWORK_H
#define IO_NETWORK_H

#include "io/net.h"

enum network_kind { NETWORK_ALL, NETWORK_UNIX, NETWORK_V4, NETWORK_V6 };

struct network {
	enum network_kind kind;
	unsigned char address[16], mask[16]; /* an IPv4 address uses the first 4 bytes */
};

/* Returns false if the text is not a network. *cut becomes true if bits behind the mask were
 * set; these bits are cleared. */
bool network_parse(struct network *n, struct str text, bool *cut);

bool network_has(const struct network *n, const struct sockaddr *a);

/* Reads a numeric address: "10.0.0.1", "10.0.0.1:80", "::1", "[::1]:80". Host names are
 * refused, because looking up a name can take seconds. */
bool peer_parse(union peer *p, struct str text);

#endif
