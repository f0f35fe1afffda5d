/*
 * stub_status: seven numbers, in a format that all monitoring tools can read.
 *
 *     location = /basic_status { stub_status; }
 *
 * The numbers are sums over all workers. The totals also include workers that have ended. Four
 * numbers are also variables: $connections_active, $connections_reading, $connections_writing
 * and $connections_waiting.
 */
#include "http/request/filter.h"
#include "http/site/core.h"
#include "http/site/variable.h"
#include "http/wire/client.h"

extern struct module stub_status_module;

static unsigned long long clients(uint32_t number)
{
	return board_sum(&client_numbers[number]);
}

static unsigned long long accepts(uint32_t number)
{
	return board_sum(&board_own_numbers[number]);
}

static unsigned long long count_active(void)
{
	return clients(CLIENT_READING) + clients(CLIENT_WRITING) + clients(CLIENT_WAITING);
}

static struct str page(struct request *r)
{
	return pool_print(r->pool,
			  "Active connections: %llu \n"
			  "server accepts handled requests\n"
			  " %llu %llu %llu \n"
			  "Reading: %llu Writing: %llu Waiting: %llu \n",
			  count_active(), accepts(BOARD_ACCEPTED), accepts(BOARD_HANDLED),
			  clients(CLIENT_REQUESTS), clients(CLIENT_READING),
			  clients(CLIENT_WRITING), clients(CLIENT_WAITING));
}

static enum phase_result serve(struct request *r)
{
	struct str text;

	if (r->method != METHOD_GET && r->method != METHOD_HEAD)
		return request_refuse(r, 405);
	board_publish();
	text = page(r);
	return text.data != NULL ? request_send_text(r, 200, STR("text/plain"), text)
				 : request_refuse(r, 500);
}

static int set_stub_status(struct conf *cf, const struct directive *d, void *section)
{
	core_location_of(cf->scope->sections[LEVEL_LOCATION])->handler = serve;
	return 0;
}

enum { ALL = CLIENT_REQUESTS + 1 }; /* as v->data: the sum of reading, writing and waiting */

static bool get_count(struct request *r, const struct variable *v, struct str *value)
{
	board_publish();
	*value = pool_print(r->pool, "%llu",
			    v->data == ALL ? count_active() : clients((uint32_t)v->data));
	return value->data != NULL;
}

static int declare(struct conf *cf)
{
	static const struct variable_spec variables[] = {
	    {"connections_active", get_count, ALL, true, NULL},
	    {"connections_reading", get_count, CLIENT_READING, true, NULL},
	    {"connections_writing", get_count, CLIENT_WRITING, true, NULL},
	    {"connections_waiting", get_count, CLIENT_WAITING, true, NULL},
	    {.name = NULL},
	};

	return variables_declare(cf, variables);
}

static const struct directive directives[] = {
    {"stub_status", IN_SERVER | IN_LOCATION | ARGS_0 | ARGS_1, set_stub_status, LEVEL_LOCATION},
    {.name = NULL},
};

static const struct http_hooks hooks = {.declare = declare};

struct module stub_status_module = {
    .name = "stub_status", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
