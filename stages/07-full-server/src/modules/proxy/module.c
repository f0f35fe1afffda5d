/*
 * The module of the proxy: proxy_pass as a content handler, and the variables.
 *
 *     location / { proxy_pass http://127.0.0.1:8000; }
 */
#include "http/request/value.h"
#include "http/site/location.h"
#include "http/wire/client.h"
#include "modules/proxy/exchange.h"
#include "modules/proxy/record.h"
#include "modules/proxy/serve.h"
#include "modules/proxy/settings.h"
#include "modules/proxy/target.h"

int fail_of_status(int status)
{
	switch (status) {
	case 403:
		return FAIL_HTTP_403;
	case 404:
		return FAIL_HTTP_404;
	case 429:
		return FAIL_HTTP_429;
	case 500:
		return FAIL_HTTP_500;
	case 502:
		return FAIL_HTTP_502;
	case 503:
		return FAIL_HTTP_503;
	case 504:
		return FAIL_HTTP_504;
	default:
		return 0;
	}
}

/* An `if` block is a location of its own. The block uses the proxy_pass of the location around
 * it. */
const struct target *proxy_target_of(const struct request *r)
{
	for (const struct location *l = r->location; l != NULL; l = l->around) {
		const struct proxy_location *p = l->sections[proxy_module.index];

		if (p->target != NULL || l->kind != LOCATION_IMPLICIT)
			return p->target;
	}
	return NULL;
}

#define GETTER(name)                                                                               \
	static bool name(struct request *r, const struct variable *v, struct str *value)

/* Returns the host or the port of proxy_pass. When proxy_pass has variables, they have values
 * only after the request has got a destination. */
static bool get_url(struct request *r, size_t at, struct str *value)
{
	const struct exchange *x = exchange_of(r);
	const struct target *t = proxy_target_of(r);

	if (x != NULL && x->to.host.data != NULL)
		*value = at == offsetof(struct url, host) ? x->to.host : x->to.port;
	else if (t != NULL && t->text == NULL)
		*value = *(const struct str *)((const char *)&t->url + at);
	else
		return false;
	return value->len > 0;
}

GETTER(get_part)
{
	return get_url(r, v->data, value);
}

/* Returns the client's X-Forwarded-For with the client's address added. */
GETTER(get_forwarded)
{
	struct str before;
	char text[ADDRESS_TEXT];
	struct str address = {text, address_print(&r->client->conn->peer.any, text)};

	if (header_join_known(r->pool, &r->in.headers, HEADER_X_FORWARDED_FOR, &before))
		*value = pool_print(r->pool, "%.*s, %.*s", STR_ARGS(before), STR_ARGS(address));
	else
		*value = pool_str(r->pool, address);
	return value->data != NULL;
}

static const struct variable_spec variables[] = {
    {"proxy_host", get_part, offsetof(struct url, host), true, NULL},
    {"proxy_port", get_part, offsetof(struct url, port), true, NULL},
    {"proxy_add_x_forwarded_for", get_forwarded, 0, true, NULL},
    {.name = NULL},
};

static int declare(struct conf *cf)
{
	return variables_declare(cf, variables) < 0 ? -1 : record_declare(cf);
}

static int setup(struct conf *cf)
{
	return phase_add(cf, PHASE_CONTENT, proxy_serve);
}

static const struct http_hooks hooks = {
    .declare = declare,
    .location_size = sizeof(struct proxy_location),
    .merge_location = proxy_merge_location,
    .setup_if_asked = setup,
};

struct module proxy_module = {
    .name = "proxy", .kind = MODULE_HTTP, .directives = proxy_directives, .hooks = &hooks};
