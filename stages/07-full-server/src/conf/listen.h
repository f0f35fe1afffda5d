/*
 * listen: parses the arguments of `listen`: an address, or a range of ports
 * ("127.0.0.1:8080-8083"), and options. The block that contains the directive decides what to
 * do with the addresses.
 */
#ifndef CONF_LISTEN_H
#define CONF_LISTEN_H

#include "conf/conf.h"
#include "io/net.h"

extern const struct listen_options listen_defaults;

/* Calls `use` for each address of the first argument. `port` is for an address without one. */
int listen_addresses(struct conf *cf, int port,
		     int (*use)(struct conf *cf, const struct address *a));

/* One of the other arguments: "backlog=64", "reuseport"... */
int listen_option(struct conf *cf, struct str word, struct listen_options *o);

#endif
