#include "http/answer/post_action.h"

#include "http/answer/subrequest.h"
#include "http/wire/client.h"

static struct request *act_on_uri(struct request *r, struct str uri)
{
	return subrequest_create(r, uri, STR_NONE, NULL, NULL);
}

static struct request *act_in_location(struct request *r, struct str name)
{
	struct request *sub;

	if (location_find_named(&r->server->locations, name) == NULL) {
		request_log(r, LOG_ERROR, "there is no location \"%.*s\"", STR_ARGS(name));
		return NULL;
	}
	sub = subrequest_create(r, r->uri, r->args, NULL, NULL);
	if (sub != NULL)
		request_redirect_named(sub, name);
	return sub;
}

/* The context marks that the request has run its post_action. */
bool post_action_run(struct request *r, struct str target)
{
	struct request *sub;

	if (r->failed || request_context(r, &post_action_module) != NULL ||
	    request_set_context(r, &post_action_module, r) < 0)
		return false;
	sub = str_starts(target, STR("@")) ? act_in_location(r, target) : act_on_uri(r, target);
	if (sub == NULL)
		return false;
	subrequest_drop(sub);
	client_wait_forever(r->client);
	return true;
}

static const struct directive directives[] = {
    {"post_action", IN_HTTP_ALL | IN_LOCATION_IF | ARGS_1, conf_set_str, LEVEL_LOCATION,
     SETTING(struct action_rules, target, 0)},
    {.name = NULL},
};

static const struct http_hooks hooks = {.location_size = sizeof(struct action_rules)};

struct module post_action_module = {
    .name = "post_action", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
