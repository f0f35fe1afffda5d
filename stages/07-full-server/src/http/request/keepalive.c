#include "http/request/keepalive.h"

#include <string.h>

#include "base/clock.h"
#include "http/wire/client.h"

enum { DISABLE_NONE = 1, DISABLE_MSIE6 = 2, DISABLE_SAFARI = 4 };

bool keepalive_survives(int status)
{
	switch (status) {
	case 400:
	case 413:
	case 414:
	case 431:
	case 500:
	case 501:
	case 505:
		return false;
	default:
		return true;
	}
}

static bool contains(const struct str *text, const char *part)
{
	return text != NULL && memmem(text->data, text->len, part, strlen(part)) != NULL;
}

/* Returns true if keepalive_disable names this browser. Safari fails on a kept connection. An
 * old MSIE fails on it only after a POST. */
static bool is_disabled_for(const struct request *r)
{
	const struct str *agent = request_header(r, HEADER_USER_AGENT);
	int disabled = keepalive_rules(r)->disable;

	if (disabled & DISABLE_MSIE6 && r->method == METHOD_POST &&
	    (contains(agent, "MSIE 6.") || contains(agent, "MSIE 5.")) && !contains(agent, "Opera"))
		return true;
	return disabled & DISABLE_SAFARI && contains(agent, "Safari/") &&
	       contains(agent, "Mac OS X") && !contains(agent, "Chrom");
}

bool keepalive_is_wanted(const struct request *r)
{
	if (r->in.wants_close)
		return false;
	return r->in.line.version >= HTTP_11 ||
	       (r->in.wants_keepalive && r->in.line.version >= HTTP_10);
}

bool keepalive_is_allowed(const struct request *r)
{
	const struct keepalive_rules *k = keepalive_rules(r);
	const struct client *c = r->client;

	return k->timeout != 0 && c->requests < k->requests && now.ms - c->since <= k->time &&
	       !clients_are_leaving() && !is_disabled_for(r);
}

/* ---- the module */

static int set_timeout(struct conf *cf, const struct directive *d, void *section)
{
	struct keepalive_rules *k = section;

	if (k->timeout != CONF_UNSET)
		return conf_duplicate(cf);
	if (!parse_ms(cf->args[1], &k->timeout))
		return conf_bad_value(cf, cf->args[1]);
	k->header = 0;
	if (cf->arg_count == 3 && !parse_seconds(cf->args[2], &k->header))
		return conf_bad_value(cf, cf->args[2]);
	return 0;
}

static const struct conf_name disable_names[] = {
    {"none", DISABLE_NONE}, {"msie6", DISABLE_MSIE6}, {"safari", DISABLE_SAFARI}, {NULL, 0}};
static const struct conf_name lingering_names[] = {
    {"off", LINGERING_OFF}, {"on", LINGERING_ON}, {"always", LINGERING_ALWAYS}, {NULL, 0}};

#define ROW(name, args, set, member, otherwise)                                                    \
	name, IN_HTTP_ALL | (args), set, LEVEL_LOCATION,                                           \
	    SETTING(struct keepalive_rules, member, otherwise)

static const struct directive directives[] = {
    {ROW("keepalive_timeout", ARGS_1_2, set_timeout, timeout, 75000)},
    {ALSO_SETS("keepalive_timeout"), LEVEL_LOCATION, SETTING(struct keepalive_rules, header, 0)},
    {ROW("keepalive_requests", ARGS_1, conf_set_number, requests, 1000)},
    {ROW("keepalive_time", ARGS_1, conf_set_ms, time, 3600000)},
    {ROW("keepalive_disable", ARGS_1_2, conf_set_bits, disable, DISABLE_MSIE6),
     .extra = disable_names},
    {ROW("lingering_close", ARGS_1, conf_set_enum, lingering, LINGERING_ON),
     .extra = lingering_names},
    {ROW("lingering_time", ARGS_1, conf_set_ms, lingering_time, 30000)},
    {ROW("lingering_timeout", ARGS_1, conf_set_ms, lingering_timeout, 5000)},
    {.name = NULL},
};

static const struct http_hooks hooks = {.location_size = sizeof(struct keepalive_rules)};

struct module keepalive_module = {
    .name = "keepalive", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
