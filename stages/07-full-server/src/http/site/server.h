/*
 * server: the server {} blocks and their addresses. The address of the connection selects a
 * list of servers. The Host header selects one server from this list.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/host_names.h"
#include "base/pattern.h"
#include "conf/listening.h"
#include "http/site/core.h"

struct server {
	struct str name;        /* the first name, for $server_name and redirects */
	struct pool_list names; /* struct str; in lower case, except patterns */
	void **sections[LEVELS];
	struct server_rules *rules;
	struct location_set locations;
	struct str file; /* where the block begins */
	int line;
	bool listens; /* the block has a listen directive */
};

/* A name in `names` or `patterns` of a listen_point. */
struct server_name {
	struct hash_node node;
	struct pattern *pattern;
	struct server *server;
};

struct listen_point {
	struct address address;
	struct listen_options options;
	/* a `listen` has given the options of this address; only one `listen` may do so */
	bool options_given;
	struct http *http;
	struct str file; /* where the first `listen` with this address is */
	int line;
	struct pool_list servers; /* struct server * */
	struct server *default_server;
	bool default_given;
	struct host_names names;   /* struct server_name */
	struct pool_list patterns; /* struct server_name * */

	/* The wildcard address with the same port. Its socket accepts the connections of this
	 * address, too. NULL means that this address has its own socket. */
	struct listen_point *wildcard;
	/* struct listen_point *: the addresses that share the socket of this wildcard
	 * address */
	struct pool_list specific;
	struct listening *listening; /* NULL if the wildcard has the socket */
	char text[ADDRESS_TEXT];     /* "127.0.0.1:80" */
};

int server_names_index(struct conf *cf, struct http *http);

/*
 * Finds the server for a host name. `host` is in lower case and without the port. `captures`
 * must have room for CAPTURES_MAX captures. If a pattern matches, the function stores the
 * captures and sets *count. Otherwise *count does not change. Returns NULL if there was no
 * memory to test a pattern.
 */
struct server *server_find(const struct listen_point *p, struct str host, struct str *captures,
			   uint32_t *count);

/* Call points_listen after server_names_index. points_listen creates the listening sockets,
 * which call on_accept for each new connection. */
int points_listen(struct conf *cf, struct http *http,
		  void (*on_accept)(struct listener *l, struct conn *c));

/* Returns the address of the point. If the configuration has port 0, the address has the port
 * that the kernel has chosen. */
static inline const struct address *point_address(const struct listen_point *p)
{
	return p->listening != NULL ? &p->listening->address : &p->address;
}

/* Returns the section of a module in the default server. It is used while a connection has no
 * request. */
static inline void *point_section(const struct listen_point *p, enum level level,
				  const struct module *m)
{
	return p->default_server->sections[level][m->index];
}

static inline struct listen_point *point_at(const struct http *http, size_t i)
{
	return ((struct listen_point **)http->points.items)[i];
}

#endif
