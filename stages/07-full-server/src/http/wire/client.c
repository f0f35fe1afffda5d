#include "http/wire/client.h"

#include <assert.h>

#include "http/site/core.h"
#include "mem/pool.h"

struct client_stats client_stats;

struct board_number client_numbers[] = {
    [CLIENT_READING] = {"connections", "reading", "reading", &client_stats.reading, false, 0},
    [CLIENT_WRITING] = {"connections", "writing", "writing", &client_stats.writing, false, 0},
    [CLIENT_WAITING] = {"connections", "waiting", "waiting", &client_stats.waiting, false, 0},
    [CLIENT_REQUESTS] = {NULL, "requests", "requests", &client_stats.requests, true, 0},
    {.name = NULL},
};

static bool all_leave;
static void (*drive)(struct client *c);

/* counters[s] points to the counter for connections in the state s. Several states share a
 * counter. */
static uint64_t *const counters[] = {
    [CLIENT_IDLE] = &client_stats.waiting,     [CLIENT_HEAD] = &client_stats.reading,
    [CLIENT_BUSY] = &client_stats.writing,     [CLIENT_DONE] = &client_stats.writing,
    [CLIENT_FLUSHING] = &client_stats.writing, [CLIENT_LINGERING] = &client_stats.writing,
};

void client_enter(struct client *c, enum client_state state)
{
	--*counters[c->state];
	++*counters[state];
	c->state = (uint8_t)state;
}

void client_wait(struct client *c, int64_t ms)
{
	timer_start(&c->conn->timer, ms);
}

/*
 * Makes client_run look at the client again. If client_run is running now, it looks again
 * before it returns. Otherwise conn_post makes the event loop call client_run later in this
 * turn.
 */
static void note(struct client *c)
{
	if (!c->running)
		conn_post(c->conn);
}

void client_lose(struct client *c)
{
	c->lost = true;
	note(c);
}

void client_request_done(struct client *c)
{
	assert(c->state == CLIENT_BUSY);
	client_enter(c, CLIENT_DONE);
	note(c);
}

void client_resume(struct client *c, void (*news)(struct request *r, void *data), void *data)
{
	c->running = true;
	news(c->request, data);
	c->running = false;
	drive(c);
}

struct pool *client_pool(struct client *c)
{
	if (c->pool == NULL)
		c->pool =
		    pool_create((size_t)c->point->default_server->rules->connection_pool_size);
	return c->pool;
}

void clients_set_leaving(void)
{
	all_leave = true;
}

bool clients_are_leaving(void)
{
	return all_leave;
}

void clients_drive_with(void (*run)(struct client *c))
{
	drive = run;
}
