/*
 * listen_args: parses the arguments of `listen`: an address, or a range of ports
 * ("127.0.0.1:8080-8083"), and options. The block that contains the directive decides what to
 * do with the addresses.
 */
#ifndef CONF_LISTEN_ARGS_H
#define CONF_LISTEN_ARGS_H

#include "conf/conf.h"
#include "io/net.h"

extern const struct listen_options listen_defaults;

/* Calls `use` for each address in the first argument. If the address has no port, `port` is
 * used. */
int listen_addresses(struct conf *cf, int port,
		     int (*use)(struct conf *cf, const struct address *a));

/* Reads one option from the other arguments, for example "backlog=64" or "reuseport". */
int listen_option(struct conf *cf, struct str word, struct listen_options *o);

#endif
