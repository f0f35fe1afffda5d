/*
 * server: the blocks server {} and the addresses they listen on. The server of a request is
 * found first by the address of its connection, then by its Host.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/host_names.h"
#include "base/pattern.h"
#include "conf/listening.h"
#include "http/site/core.h"

struct server {
	struct str name;        /* the first of its names; for $server_name and redirects */
	struct pool_list names; /* struct str, as written */
	void **sections[LEVELS];
	struct server_rules *rules;
	struct location_set locations;
	struct str file; /* where its block begins */
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
	/* the options of this address were given; they may be given once only */
	bool options_given;
	struct http *http;
	struct str file; /* the line that listens on it first */
	int line;
	struct pool_list servers; /* struct server * */
	struct server *default_server;
	bool default_given;
	struct host_names names;   /* struct server_name */
	struct pool_list patterns; /* struct server_name * */

	/* A wildcard address takes the connections of other addresses with its port; */
	/* the listen_point with its socket; NULL: it has its own */
	struct listen_point *wildcard;
	/* struct listen_point *: the addresses that share this socket */
	struct pool_list specific;
	struct listening *listening; /* NULL: the wildcard has the socket */
	char text[ADDRESS_TEXT];     /* "127.0.0.1:80" */
};

int server_names_index(struct conf *cf, struct http *http);

/* `host`: in lower case, without the port. If a pattern matches, `captures` has room for
 * CAPTURES_MAX; otherwise *count does not change. NULL: there was no memory to test a
 * pattern. */
struct server *server_find(const struct listen_point *p, struct str host, struct str *captures,
			   uint32_t *count);

/* After server_names_index: makes the listening sockets, which call on_accept for new
 * connections. */
int points_listen(struct conf *cf, struct http *http,
		  void (*on_accept)(struct listener *l, struct conn *c));

/* The address. For port 0 of the configuration it has the port that the kernel chose. */
static inline const struct address *point_address(const struct listen_point *p)
{
	return p->listening != NULL ? &p->listening->address : &p->address;
}

/* A module's section while a connection has no request: that of the default server. */
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
