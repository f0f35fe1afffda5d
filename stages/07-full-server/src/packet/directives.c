#include "packet/packet.h"

#include "conf/listen_args.h"
#include "conf/listening.h"
#include "conf/value.h"
#include "event/board.h"
#include "packet/guest.h"

extern struct module packet_module;

enum { PORT = 7777, DAY = 86400000, UNSENT_MOST = 1 << 30 };

struct packet_section {
	struct packet_settings settings;
	bool given;
};

static void *create(struct conf *cf)
{
	return conf_section(cf, packet_module.directives, LEVEL_MAIN,
			    sizeof(struct packet_section));
}

/* ---- directives */

static int check(struct conf *cf, const struct packet_settings *s)
{
	if (s->packet_unsent < 2 * s->packet_max || s->packet_unsent > UNSENT_MOST)
		return conf_fail(
		    cf, "\"packet_unsent\" must be between two of \"packet_max\" and 1024m");
	return 0;
}

static int open_packet(struct conf *cf, const struct directive *d, void *section)
{
	struct packet_section *s = section;

	if (s->given)
		return conf_duplicate(cf);
	s->given = true;
	if (conf_block(cf, IN_PACKET, NULL) < 0)
		return -1;
	conf_inherit(packet_module.directives, LEVEL_MAIN, s, s);
	return check(cf, &s->settings);
}

static int listen_on(struct conf *cf, const struct address *a)
{
	struct packet_section *s = cf->scope->sections[LEVEL_MAIN][packet_module.index];
	struct listen_options options = listen_defaults;
	struct listening *l;

	for (uint32_t i = 2; i < cf->arg_count; i++)
		if (listen_option(cf, cf->args[i], &options) < 0)
			return -1;
	l = listening_add(cf, a, &options);
	if (l == NULL)
		return -1;
	l->scheme = a->any.sa_family == AF_UNIX ? "" : "packet://";
	l->on_accept = guest_accept;
	l->owner = &s->settings;
	return 0;
}

static int set_listen(struct conf *cf, const struct directive *d, void *section)
{
	return listen_addresses(cf, PORT, listen_on);
}

static int set_interval(struct conf *cf, const struct directive *d, void *section)
{
	const struct packet_section *s = section;

	if (conf_set_ms(cf, d, section) < 0)
		return -1;
	if (s->settings.heartbeat_interval < 1 || s->settings.heartbeat_interval > DAY)
		return conf_fail(cf, "\"heartbeat_interval\" must be between 1ms and 1d");
	return 0;
}

static int set_max(struct conf *cf, const struct directive *d, void *section)
{
	const struct packet_section *s = section;

	if (conf_set_size(cf, d, section) < 0)
		return -1;
	if (s->settings.packet_max < FRAME_HEAD || s->settings.packet_max > FRAME_MOST)
		return conf_fail(cf,
				 "\"packet_max\" must be between %d and %d: the length has 16 bits",
				 FRAME_HEAD, FRAME_MOST);
	return 0;
}

static const struct conf_range missed_range = {1, 1000}, rate_range = {1, 1000000};

#define ROW(name, set, member, otherwise, range)                                                   \
	{                                                                                          \
		name, IN_PACKET | ARGS_1, set, LEVEL_MAIN,                                         \
		    SETTING(struct packet_section, settings.member, otherwise), .extra = range     \
	}

static const struct directive directives[] = {
    {"packet", IN_MAIN | BLOCK | ARGS_0, open_packet, LEVEL_MAIN},
    {"listen", IN_PACKET | ARGS_1_MORE, set_listen, LEVEL_MAIN},
    ROW("heartbeat_interval", set_interval, heartbeat_interval, 20000, NULL),
    ROW("heartbeat_missed", conf_set_number, heartbeat_missed, 3, &missed_range),
    ROW("packet_max", set_max, packet_max, 32 << 10, NULL),
    ROW("packet_rate", conf_set_number, packet_rate, 100, &rate_range),
    ROW("packet_unsent", conf_set_size, packet_unsent, 256 << 10, NULL),
    {.name = NULL},
};

/* ---- for a process that serves */

static int start(void *section)
{
	guests_init();
	return 0;
}

static void leave(void *section)
{
	guests_leave();
}

static bool is_busy(void *section)
{
	return packet_stats.connections > 0;
}

static void stop(void *section)
{
	guests_close();
}

static struct board_number numbers[] = {
    {"packets", "clients", NULL, &packet_stats.connections, false, 0},
    {"packets", "received", NULL, &packet_stats.packets, true, 0},
    {.name = NULL},
};

struct module packet_module = {
    .name = "packet",
    .kind = MODULE_PACKET,
    .directives = directives,
    .create = create,
    .start = start,
    .leave = leave,
    .is_busy = is_busy,
    .stop = stop,
    .numbers = numbers,
};
