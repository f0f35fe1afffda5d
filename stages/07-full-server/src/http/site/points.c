/*
 * This file has the directives listen and server_name, and opens the listening sockets.
 */
#include "conf/listen_args.h"
#include "http/site/server.h"

enum { PORT = 80 };

static struct listen_point *point_find(const struct http *http, const struct address *a)
{
	/* Port 0 means that the kernel chooses a free port. Two such addresses get different
	 * ports, so they are never the same address. */
	if (address_port(&a->any) == 0 && a->any.sa_family != AF_UNIX)
		return NULL;
	for (size_t i = 0; i < http->points.count; i++)
		if (address_equal(&point_at(http, i)->address, a))
			return point_at(http, i);
	return NULL;
}

static struct listen_point *point_create(struct conf *cf, struct http *http,
					 const struct address *a)
{
	struct listen_point **place = pool_list_add(cf->pool, &http->points, sizeof(*place));
	struct listen_point *p = pool_zalloc(cf->pool, sizeof(*p));

	if (place == NULL || p == NULL) {
		conf_no_memory(cf);
		return NULL;
	}
	*place = p;
	p->address = *a;
	p->http = http;
	p->file = cf->file;
	p->line = cf->line;
	p->options = listen_defaults;
	address_print_port(&a->any, p->text);
	return p;
}

static int set_options(struct conf *cf, struct listen_point *p, struct server *s)
{
	bool has_options = false;

	for (uint32_t i = 2; i < cf->arg_count; i++) {
		if (str_equal(cf->args[i], STR("default_server"))) {
			if (p->default_given)
				return conf_fail(cf, "a duplicate default server for %s", p->text);
			p->default_given = true;
			p->default_server = s;
			continue;
		}
		if (p->options_given)
			return conf_fail(cf, "duplicate listen options for %s", p->text);
		if (listen_option(cf, cf->args[i], &p->options) < 0)
			return -1;
		has_options = true;
	}
	p->options_given |= has_options;
	return 0;
}

static int point_join(struct conf *cf, struct listen_point *p, struct server *s)
{
	struct server **place;

	for (size_t i = 0; i < p->servers.count; i++)
		if (((struct server **)p->servers.items)[i] == s)
			return conf_fail(cf, "a duplicate listen %s", p->text);
	place = pool_list_add(cf->pool, &p->servers, sizeof(*place));
	if (place == NULL)
		return conf_no_memory(cf);
	*place = s;
	if (p->default_server == NULL)
		p->default_server = s;
	return 0;
}

static int listen_on(struct conf *cf, const struct address *a)
{
	struct server *s = cf->scope->owner;
	struct http *http = http_of(cf);
	struct listen_point *p = point_find(http, a);

	if (p == NULL)
		p = point_create(cf, http, a);
	s->listens = true;
	return p == NULL || point_join(cf, p, s) < 0 ? -1 : set_options(cf, p, s);
}

int server_set_listen(struct conf *cf, const struct directive *d, void *section)
{
	return listen_addresses(cf, PORT, listen_on);
}

static int add_name(struct conf *cf, struct server *s, struct str name)
{
	struct str *place = pool_list_add(cf->pool, &s->names, sizeof(*place));
	char *lower = pool_bytes(cf->pool, name.len + 1);

	if (place == NULL || lower == NULL)
		return conf_no_memory(cf);
	if (memchr(name.data, '/', name.len) != NULL && !str_starts(name, STR("~")))
		return conf_fail(cf, "server name \"%.*s\" has suspicious symbols", STR_ARGS(name));
	/* A pattern is not changed to lower case, because the case of its letters matters. */
	if (str_starts(name, STR("~")))
		memcpy(lower, name.data, name.len + 1);
	else
		*put_lower(lower, name) = '\0';
	*place = (struct str){lower, name.len};
	return 0;
}

int server_set_name(struct conf *cf, const struct directive *d, void *section)
{
	struct server *s = cf->scope->owner;

	for (uint32_t i = 1; i < cf->arg_count; i++)
		if (add_name(cf, s, cf->args[i]) < 0)
			return -1;
	s->name = ((struct str *)s->names.items)[0];
	if (str_starts(s->name, STR(".")))
		s->name = (struct str){s->name.data + 1, s->name.len - 1};
	return 0;
}

int points_listen(struct conf *cf, struct http *http,
		  void (*on_accept)(struct listener *l, struct conn *c))
{
	for (size_t i = 0; i < http->points.count; i++) {
		struct listen_point *p = point_at(http, i);

		if (p->wildcard != NULL)
			continue;
		cf->file = p->file;
		cf->line = p->line;
		p->listening = listening_add(cf, &p->address, &p->options);
		if (p->listening == NULL)
			return -1;
		p->listening->scheme = p->address.any.sa_family == AF_UNIX ? "" : "http://";
		p->listening->on_accept = on_accept;
		p->listening->owner = p;
	}
	return 0;
}
