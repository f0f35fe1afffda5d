/*
 * stub_status: seven numbers, in the words that every monitoring tool reads.
 *
 *     location = /basic_status { stub_status; }
 *
 * They are this process' own. The same as variables: $connections_active,
 * _reading, _writing, _waiting.
 */
#include "http/client.h"
#include "http/core.h"

extern struct module stub_status_module;

enum which { ACTIVE, READING, WRITING, WAITING };

static uint64_t count(enum which which)
{
	const struct client_stats *s = &client_stats;

	switch (which) {
	case READING:
		return s->reading;
	case WRITING:
		return s->writing;
	case WAITING:
		return s->waiting;
	case ACTIVE:
		break;
	}
	return s->reading + s->writing + s->waiting;
}

static struct str page(struct request *r)
{
	return pool_print(
	    r->pool,
	    "Active connections: %llu \n"
	    "server accepts handled requests\n"
	    " %llu %llu %llu \n"
	    "Reading: %llu Writing: %llu Waiting: %llu \n",
	    (unsigned long long)count(ACTIVE), (unsigned long long)accept_stats.accepted,
	    (unsigned long long)accept_stats.handled, (unsigned long long)client_stats.requests,
	    (unsigned long long)count(READING), (unsigned long long)count(WRITING),
	    (unsigned long long)count(WAITING));
}

static enum phase_result serve(struct request *r)
{
	struct str text;

	if (r->method != METHOD_GET && r->method != METHOD_HEAD)
		return request_refuse(r, 405);
	text = page(r);
	return text.data != NULL ? request_send_text(r, 200, STR("text/plain"), text)
				 : request_refuse(r, 500);
}

static int set_stub_status(struct conf *cf, const struct directive *d, void *section)
{
	(void)d;
	(void)section;
	core_location_of(cf->scope->sections[LEVEL_LOCATION])->handler = serve;
	return 0;
}

static bool get_count(struct request *r, const struct variable *v, struct str *value)
{
	*value = pool_print(r->pool, "%llu", (unsigned long long)count((enum which)v->data));
	return value->data != NULL;
}

static int declare(struct conf *cf)
{
	static const struct variable_spec variables[] = {
	    {"connections_active", get_count, ACTIVE, true, NULL},
	    {"connections_reading", get_count, READING, true, NULL},
	    {"connections_writing", get_count, WRITING, true, NULL},
	    {"connections_waiting", get_count, WAITING, true, NULL},
	    {.name = NULL},
	};

	return variables_declare(cf, variables);
}

static const struct directive directives[] = {
    {"stub_status", IN_SERVER | IN_LOCATION | ARGS_0 | ARGS_1, set_stub_status, LEVEL_LOCATION, 0,
     NULL},
    {.name = NULL},
};

static const struct http_hooks hooks = {.declare = declare};

struct module stub_status_module = {
    .name = "stub_status", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
