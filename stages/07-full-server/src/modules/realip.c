/*
 * realip: takes the client's address from a header that a proxy has added.
 *
 *     set_real_ip_from  10.0.0.0/8;         trusted proxies
 *     real_ip_header    X-Forwarded-For;    the header (X-Real-IP)
 *     real_ip_recursive on;                 go back to the first address that is not trusted
 *
 * For the rest of the request, this address is the peer of the connection. After the request,
 * the peer is the proxy again, because the next request may come from another client. Any
 * client can send such a header. So it counts only if the peer is a trusted proxy.
 */
#include "http/request/request.h"
#include "http/site/core.h"
#include "http/wire/client.h"
#include "io/network.h"

extern struct module realip_module;

struct realip_location {
	struct pool_list *from; /* struct network; NULL means that no proxy is trusted */
	/* Only a header with exactly this name counts. A proxy removes X-Real-IP of a client,
	 * but not X_Real_IP, so a client could send a false address there. */
	struct str header;
	int recursive;
};

struct real_peer { /* the context of a request: the peer before it was replaced */
	struct conn *conn;
	union peer peer;
};

static int set_from(struct conf *cf, const struct directive *d, void *section)
{
	struct network *n = conf_list_add(cf, d, section, sizeof(*n));
	bool cut;

	if (n == NULL)
		return -1;
	if (!network_parse(n, cf->args[1], &cut) || n->kind == NETWORK_ALL)
		return conf_bad_value(cf, cf->args[1]);
	if (cut)
		conf_warn(cf, "low address bits of %.*s are meaningless", STR_ARGS(cf->args[1]));
	return 0;
}

static int set_header(struct conf *cf, const struct directive *d, void *section)
{
	struct realip_location *l = section;

	if (l->header.data != NULL)
		return conf_duplicate(cf);
	if (str_equal(cf->args[1], STR("proxy_protocol")))
		return conf_fail(cf, "\"proxy_protocol\" is not supported here");
	l->header = cf->args[1];
	return 0;
}

static bool is_trusted(const struct realip_location *l, const union peer *p)
{
	for (size_t i = 0; i < l->from->count; i++)
		if (network_has(&((struct network *)l->from->items)[i], &p->any))
			return true;
	return false;
}

/* Takes the last item of the list. Returns false when the list is empty. */
static bool take_last(struct str *list, struct str *item)
{
	const char *comma;

	*list = str_trim(*list);
	while (str_ends(*list, STR(",")))
		*list = str_trim((struct str){list->data, list->len - 1});
	if (list->len == 0)
		return false;
	comma = memrchr(list->data, ',', list->len);
	*item = comma == NULL ? *list : str_between(comma + 1, list->data + list->len);
	*item = str_trim(*item);
	list->len -= (size_t)(list->data + list->len - (comma != NULL ? comma : list->data));
	return true;
}

/*
 * Begins with the peer. As long as an address is trusted, goes back to the address before it in
 * the list. Returns true when all addresses of the list are trusted: then continue with the
 * header line before this one. Returns false for an empty list, which ends the search.
 */
static bool go_back(const struct realip_location *l, struct str list, union peer *p, bool *found)
{
	bool any = false;
	struct str item;
	union peer named;

	while (is_trusted(l, p)) {
		if (!take_last(&list, &item))
			return any;
		if (!peer_parse(&named, item))
			return false;
		*p = named;
		*found = any = true;
		if (!l->recursive)
			return false;
	}
	return false;
}

/* Each proxy adds an address at the end of X-Forwarded-For, so the search begins with the last
 * line. For any other header, the first line counts. */
static bool find_real(const struct request *r, const struct realip_location *l, union peer *p)
{
	const struct header_list *list = &r->in.headers;
	bool found = false;

	if (header_identify(l->header) != HEADER_X_FORWARDED_FOR) {
		const struct header *h = header_find(list, l->header, 0);

		if (h != NULL)
			go_back(l, h->value, p, &found);
		return found;
	}
	for (size_t i = list->lines.count; i-- > 0;)
		if (header_at(list, i)->id == HEADER_X_FORWARDED_FOR &&
		    !go_back(l, header_at(list, i)->value, p, &found))
			break;
	return found;
}

static void restore(void *data)
{
	struct real_peer *before = data;

	before->conn->peer = before->peer;
}

static int replace_peer(struct request *r, const union peer *p)
{
	struct real_peer *before = pool_zalloc(r->pool, sizeof(*before));
	struct pool_cleanup *c = before != NULL ? pool_cleanup_add(r->pool, before) : NULL;

	if (c == NULL || request_set_context(r, &realip_module, before) < 0)
		return -1;
	before->conn = r->client->conn;
	before->peer = before->conn->peer;
	c->run = restore;
	before->conn->peer = *p;
	return 0;
}

static enum phase_result find_client(struct request *r)
{
	const struct realip_location *l = request_section(r, LEVEL_LOCATION, &realip_module);
	union peer p = r->client->conn->peer;

	if (l->from == NULL || r != r->main || request_context(r, &realip_module) != NULL)
		return PHASE_NEXT;
	if (!find_real(r, l, &p))
		return PHASE_NEXT;
	return replace_peer(r, &p) == 0 ? PHASE_NEXT : request_refuse(r, 500);
}

static const union peer *connected_peer(const struct request *r)
{
	const struct real_peer *before = request_context(r->main, &realip_module);

	return before != NULL ? &before->peer : &r->client->conn->peer;
}

static bool get_address(struct request *r, const struct variable *v, struct str *value)
{
	char text[ADDRESS_TEXT];
	size_t len = address_print(&connected_peer(r)->any, text);

	*value = pool_str(r->pool, (struct str){text, len});
	return value->data != NULL;
}

static bool get_port(struct request *r, const struct variable *v, struct str *value)
{
	*value = pool_print(r->pool, "%d", address_port(&connected_peer(r)->any));
	return value->data != NULL;
}

static int declare(struct conf *cf)
{
	static const struct variable_spec variables[] = {
	    {"realip_remote_addr", get_address, 0, false, NULL},
	    {"realip_remote_port", get_port, 0, false, NULL},
	    {.name = NULL},
	};

	return variables_declare(cf, variables);
}

/* The handler runs in two phases: first with the settings of the server, then with the settings
 * of the location. */
static int setup(struct conf *cf)
{
	if (phase_add(cf, PHASE_POST_READ, find_client) < 0)
		return -1;
	return phase_add(cf, PHASE_PRE_ACCESS, find_client);
}

static const struct directive directives[] = {
    {"set_real_ip_from", IN_HTTP_ALL | ARGS_1, set_from, LEVEL_LOCATION,
     SETTING(struct realip_location, from, 0)},
    {"real_ip_header", IN_HTTP_ALL | ARGS_1, set_header, LEVEL_LOCATION,
     SETTING(struct realip_location, header, 0), .extra = "X-Real-IP"},
    {"real_ip_recursive", IN_HTTP_ALL | ARGS_1, conf_set_flag, LEVEL_LOCATION,
     SETTING(struct realip_location, recursive, 0)},
    {.name = NULL},
};

static const struct http_hooks hooks = {
    .declare = declare,
    .location_size = sizeof(struct realip_location),
    .setup_if_asked = setup,
};

struct module realip_module = {
    .name = "realip",
    .kind = MODULE_HTTP,
    .directives = directives,
    .hooks = &hooks,
    .keeps_context = true,
};
