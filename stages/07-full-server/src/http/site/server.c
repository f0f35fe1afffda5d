#include "http/site/server.h"

#include <string.h>

static struct server_name *name_create(struct conf *cf, struct server *s, struct str key)
{
	struct server_name *n = pool_zalloc(cf->pool, sizeof(*n));

	if (n == NULL) {
		conf_no_memory(cf);
		return NULL;
	}
	n->server = s;
	n->node.key = key;
	return n;
}

static struct str skip(struct str s, size_t n)
{
	return (struct str){s.data + n, s.len - n};
}

static int add_to_table(struct conf *cf, struct listen_point *p, struct server *s, struct str name)
{
	struct str key;
	struct hash *table = host_names_table(&p->names, name, &key);
	struct server_name *n;

	if (hash_get(table, key) != NULL) {
		conf_warn(cf, "conflicting server name \"%.*s\" on %s, ignored", STR_ARGS(name),
			  p->text);
		return 0;
	}
	n = name_create(cf, s, key);
	if (n == NULL)
		return -1;
	return hash_add(table, &n->node) < 0 ? conf_no_memory(cf) : 0;
}

static int add_pattern(struct conf *cf, struct listen_point *p, struct server *s, struct str name)
{
	struct server_name **place = pool_list_add(cf->pool, &p->patterns, sizeof(*place));
	struct server_name *n = name_create(cf, s, name);

	if (place == NULL || n == NULL)
		return conf_no_memory(cf);
	*place = n;
	n->pattern = conf_pattern(cf, skip(name, 1), true);
	return n->pattern != NULL ? 0 : -1;
}

/* ".example.org" means "example.org" and all names that end with ".example.org". */
static int add_domain(struct conf *cf, struct listen_point *p, struct server *s, struct str name)
{
	struct str tails = pool_print(cf->pool, "*%.*s", STR_ARGS(name));

	if (tails.data == NULL)
		return conf_no_memory(cf);
	if (add_to_table(cf, p, s, tails) < 0)
		return -1;
	return add_to_table(cf, p, s, skip(name, 1));
}

static int add_name(struct conf *cf, struct listen_point *p, struct server *s, struct str name)
{
	if (str_starts(name, STR("~")))
		return add_pattern(cf, p, s, name);
	if (str_starts(name, STR(".")))
		return add_domain(cf, p, s, name);
	return add_to_table(cf, p, s, name);
}

static int index_point(struct conf *cf, struct listen_point *p)
{
	for (size_t i = 0; i < p->servers.count; i++) {
		struct server *s = ((struct server **)p->servers.items)[i];

		cf->file = s->file;
		cf->line = s->line;
		for (size_t n = 0; n < s->names.count; n++)
			if (add_name(cf, p, s, ((struct str *)s->names.items)[n]) < 0)
				return -1;
	}
	return 0;
}

/*
 * If a port has a wildcard address (*:80), a second socket for one address of this port would
 * conflict with the wildcard. So the server opens only the socket of the wildcard.
 * client_accept finds the address of each connection.
 */
static int find_wildcards(struct conf *cf, struct http *http)
{
	for (size_t i = 0; i < http->points.count; i++) {
		for (size_t k = 0; k < http->points.count; k++) {
			struct listen_point *p = point_at(http, i), *w = point_at(http, k);
			struct listen_point **place;

			if (p == w || !address_is_wildcard(&w->address) ||
			    p->address.any.sa_family != w->address.any.sa_family ||
			    address_port(&p->address.any) == 0 ||
			    address_port(&p->address.any) != address_port(&w->address.any))
				continue;
			place = pool_list_add(cf->pool, &w->specific, sizeof(*place));
			if (place == NULL)
				return conf_no_memory(cf);
			*place = p;
			p->wildcard = w;
		}
	}
	return 0;
}

int server_names_index(struct conf *cf, struct http *http)
{
	for (size_t i = 0; i < http->points.count; i++)
		if (index_point(cf, point_at(http, i)) < 0)
			return -1;
	return find_wildcards(cf, http);
}

/* Returns false if there was no memory to test a pattern. */
static bool find_by_pattern(const struct listen_point *p, struct str host, struct str *captures,
			    uint32_t *count, struct server **server)
{
	for (size_t i = 0; i < p->patterns.count; i++) {
		const struct server_name *n = ((struct server_name **)p->patterns.items)[i];
		int found = pattern_match(n->pattern, host, captures, CAPTURES_MAX);

		if (found < 0)
			return false;
		if (found > 0) {
			*count = (uint32_t)found;
			*server = n->server;
			break;
		}
	}
	return true;
}

struct server *server_find(const struct listen_point *p, struct str host, struct str *captures,
			   uint32_t *count)
{
	struct hash_node *found;
	struct server *s = p->default_server;

	/* with one server and no patterns, there is nothing to choose and there are no
	 * captures to set */
	if (p->servers.count == 1 && p->patterns.count == 0)
		return p->default_server;
	found = host_names_find(&p->names, host);
	if (found != NULL)
		return CONTAINER_OF(found, struct server_name, node)->server;
	return find_by_pattern(p, host, captures, count, &s) ? s : NULL;
}
