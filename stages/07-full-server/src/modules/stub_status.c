/*
 * stub_status: seven numbers, in the words that every monitoring tool reads.
 *
 *     location = /basic_status { stub_status; }
 *
 * They are of all workers together, and the totals of those before them too.
 * The same as variables: $connections_active, _reading, _writing, _waiting.
 */
#include "http/board.h"
#include "http/site/core.h"
#include "http/site/variable.h"

extern struct module stub_status_module;

static uint64_t count_active(void)
{
	return board_sum(BOARD_READING) + board_sum(BOARD_WRITING) + board_sum(BOARD_WAITING);
}

static struct str page(struct request *r)
{
	return pool_print(r->pool,
			  "Active connections: %llu \n"
			  "server accepts handled requests\n"
			  " %llu %llu %llu \n"
			  "Reading: %llu Writing: %llu Waiting: %llu \n",
			  (unsigned long long)count_active(),
			  (unsigned long long)board_sum(BOARD_ACCEPTED),
			  (unsigned long long)board_sum(BOARD_HANDLED),
			  (unsigned long long)board_sum(BOARD_REQUESTS),
			  (unsigned long long)board_sum(BOARD_READING),
			  (unsigned long long)board_sum(BOARD_WRITING),
			  (unsigned long long)board_sum(BOARD_WAITING));
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
	(void)d;
	(void)section;
	core_location_of(cf->scope->sections[LEVEL_LOCATION])->handler = serve;
	return 0;
}

/* BOARD_NUMBERS, which is none of them, stands for all connections. */
static bool get_count(struct request *r, const struct variable *v, struct str *value)
{
	uint64_t count;

	board_publish();
	count = v->data == BOARD_NUMBERS ? count_active() : board_sum((enum board_number)v->data);
	*value = pool_print(r->pool, "%llu", (unsigned long long)count);
	return value->data != NULL;
}

static int declare(struct conf *cf)
{
	static const struct variable_spec variables[] = {
	    {"connections_active", get_count, BOARD_NUMBERS, true, NULL},
	    {"connections_reading", get_count, BOARD_READING, true, NULL},
	    {"connections_writing", get_count, BOARD_WRITING, true, NULL},
	    {"connections_waiting", get_count, BOARD_WAITING, true, NULL},
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
