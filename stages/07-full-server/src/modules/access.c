/*
 * access: allows or denies clients by their address.
 *
 *     allow 10.0.0.0/8;
 *     allow unix:;
 *     deny  all;
 *
 * The first rule that matches decides. A block with rules does not inherit the rules of the
 * outer block. `satisfy` combines the results of several access modules (phase.c).
 */
#include "http/answer/phases.h"
#include "http/request/request.h"
#include "http/wire/client.h"
#include "io/network.h"

extern struct module access_module;

struct rule {
	struct network network;
	bool denies;
};

struct access_location {
	struct pool_list *rules; /* struct rule */
};

static int set_rule(struct conf *cf, const struct directive *d, void *section)
{
	struct rule *rule = conf_list_add(cf, d, section, sizeof(*rule));
	bool cut;

	if (rule == NULL)
		return -1;
	rule->denies = d->extra != NULL;
	if (!network_parse(&rule->network, cf->args[1], &cut))
		return conf_bad_value(cf, cf->args[1]);
	if (cut)
		conf_warn(cf, "low address bits of %.*s are meaningless", STR_ARGS(cf->args[1]));
	return 0;
}

static enum phase_result check(struct request *r)
{
	const struct access_location *l = request_section(r, LEVEL_LOCATION, &access_module);
	const struct sockaddr *peer = &r->client->conn->peer.any;

	for (size_t i = 0; l->rules != NULL && i < l->rules->count; i++) {
		const struct rule *rule = &((struct rule *)l->rules->items)[i];

		if (!network_has(&rule->network, peer))
			continue;
		if (!rule->denies)
			return PHASE_PASS;
		if (phase_rules(r)->satisfy == SATISFY_ALL)
			request_log(r, LOG_ERROR, "access forbidden by rule");
		return request_refuse(r, 403);
	}
	return PHASE_NEXT;
}

static int setup(struct conf *cf)
{
	return phase_add(cf, PHASE_ACCESS, check);
}

enum { WHERE = IN_HTTP_ALL | IN_LIMIT_EXCEPT | ARGS_1 };

static const struct directive directives[] = {
    {"allow", WHERE, set_rule, LEVEL_LOCATION, SETTING(struct access_location, rules, 0)},
    {"deny", WHERE, set_rule, LEVEL_LOCATION, SETTING(struct access_location, rules, 0),
     .extra = "denies"},
    {.name = NULL},
};

static const struct http_hooks hooks = {
    .location_size = sizeof(struct access_location),
    .setup_if_asked = setup,
};

struct module access_module = {
    .name = "access", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
