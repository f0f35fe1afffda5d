#include "modules/upstream/group.h"

/* A server line, or the name, becomes one server for each address it stands for. */
static const char *add_server(struct upstream *u, struct server **next, const struct server *line)
{
	char text[ADDRESS_TEXT];
	struct server *s = (*next)++;
	const char *problem;

	*s = *line;
	problem = address_parse(&s->address, line->name, u->port);
	if (problem != NULL)
		return problem;
	s->name = pool_str(u->pool, (struct str){text, address_print_port(&s->address.any, text)});
	list_init(&s->idle);
	return s->name.data != NULL ? NULL : "no memory";
}

static const char *add_servers(struct upstream *u, struct server **next, bool backup)
{
	const struct server *lines = u->lines.items;

	for (size_t i = 0; i < u->lines.count; i++) {
		const char *problem = NULL;

		if (lines[i].backup == backup)
			problem = add_server(u, next, &lines[i]);
		if (problem != NULL)
			return problem;
	}
	return NULL;
}

static struct server *add_line(struct upstream *u)
{
	struct server *line = pool_list_add(u->pool, &u->lines, sizeof(*line));

	if (line != NULL)
		*line = (struct server){
		    .name = u->name, .weight = 1, .max_fails = 1, .fail_timeout = 10000};
	return line;
}

int group_init(struct upstream *u, const char **problem)
{
	struct server *next;

	*problem = "no memory";
	if (!u->defined && add_line(u) == NULL)
		return -1;
	u->count = (uint32_t)u->lines.count;
	u->servers = next = pool_array(u->pool, u->count, sizeof(*u->servers));
	u->states = pool_array(u->pool, u->count, sizeof(*u->states));
	if (u->servers == NULL || u->states == NULL)
		return -1;
	*problem = add_servers(u, &next, false);
	if (*problem != NULL)
		return -1;
	u->primaries = (uint32_t)(next - u->servers);
	*problem = add_servers(u, &next, true);
	if (*problem != NULL)
		return -1;
	for (uint32_t i = 0; i < u->count; i++)
		u->states[i].effective = u->servers[i].weight;
	list_init(&u->idle);
	return 0;
}
