/* What the server does with a packet. Each command has one function, and one line in the table. */
#include "packet/guest.h"

static void on_ping(struct guest *g, const struct frame *packet)
{
	guest_send(g, COMMAND_PING, packet->body);
}

/* The answer to a probe from the server. The packet only shows that the client is alive, so
 * there is nothing else to do. */
static void on_probe(struct guest *g, const struct frame *packet)
{
}

static void on_echo(struct guest *g, const struct frame *packet)
{
	guest_send(g, COMMAND_ECHO, packet->body);
}

static void on_say(struct guest *g, const struct frame *packet)
{
	guests_send_all(COMMAND_SAY, packet->body);
}

static void (*const commands[])(struct guest *g, const struct frame *packet) = {
    [COMMAND_PING] = on_ping,
    [COMMAND_PROBE] = on_probe,
    [COMMAND_ECHO] = on_echo,
    [COMMAND_SAY] = on_say,
};

void command_run(struct guest *g, const struct frame *packet)
{
	if (packet->command < COUNT_OF(commands))
		commands[packet->command](g, packet);
	else
		guest_drop(g, GUEST_UNKNOWN_COMMAND);
}
