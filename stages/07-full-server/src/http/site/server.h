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
	struct core_server *core;
	struct location_set locations;
	struct str file; /* where its block begins */
	int line;
	bool listens; /* it has a listen directive */
};

/* A name that a listen_point knows: in `names`, or in `patterns`. */
struct server_name {
	struct hash_node node;
	struct pattern *pattern;
	struct server *server;
};

struct listen_point {
	struct address address;
	struct listen_options options;
	bool options_given; /* these options may be given once */
	struct http *http;
	struct str file; /* where it is first listened on */
	int line;
	struct pool_list servers; /* struct server * */
	struct server *default_server;
	bool default_given;
	struct host_names names;   /* struct server_name */
	struct pool_list patterns; /* struct server_name * */

	/* A wildcard address takes the connections of other addresses with its port; */
	struct listen_point *wildcard; /* they share its socket */
	struct pool_list specific; /* struct listen_point *: the addresses that share this socket */
	struct listening *listening; /* NULL: there is a wildcard */
	char text[ADDRESS_TEXT];     /* "127.0.0.1:80" */
};

int server_names_index(struct conf *cf, struct http *http);

/* lower-case host without port. What a pattern captures: CAPTURES_MAX; else *count stays.
 * NULL: there was no memory to find out. */
struct server *server_find(const struct listen_point *p, struct str host, struct str *captures,
			   uint32_t *count);

/* After server_names_index: makes the listening sockets, which call on_accept for new
 * connections. */
int points_listen(struct conf *cf, struct http *http,
		  void (*on_accept)(struct listener *l, struct conn *c));

/* With the port that the kernel chose, when the configuration says port 0. */
static inline const struct address *point_address(const struct listen_point *p)
{
	return p->listening != NULL ? &p->listening->address : &p->address;
}

static inline struct listen_point *point_at(const struct http *http, size_t i)
{
	return ((struct listen_point **)http->points.items)[i];
}

#endif
