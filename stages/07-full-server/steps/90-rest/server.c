/*
 * How a worker begins, how it learns that it has to end, and how it ends. Waiting is in event/
 * now.
 */
#include "server.h"

#include "base/clock.h"
#include "client.h"
#include "event/accept.h"
#include "event/loop.h"
#include "http/wire/input.h"
#include "http/work/slow.h"
#include "log.h"
#include "mem/alloc.h"
#include "mem/pool.h"
#include "proc/channel.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { CONNECTIONS = 16384 };

static void on_signals_readable(struct conn *c)
{
	struct signalfd_siginfo info;

	while (read(c->fd, &info, sizeof info) == sizeof info)
		if (info.ssi_signo == SIGQUIT)
			quitting = 1;
		else
			stopping = 1;
}

static const struct conn_calls signal_calls = {.on_readable = on_signals_readable};

/* They stay blocked and are read from a descriptor: so the loop hears them like anything else. */
static int watch_signals(void)
{
	struct conn *c;
	sigset_t signals;
	int fd;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGQUIT);
	fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	c = fd >= 0 ? conn_open(fd, &signal_calls, NULL) : NULL;
	return c ? conn_watch(c) : -1;
}

static void on_channel_readable(struct conn *c)
{
	struct channel_message m;
	enum channel_result result;
	int fd;

	while ((result = channel_receive(c->fd, &m, &fd)) < CHANNEL_EMPTY)
		if (result == CHANNEL_MESSAGE && fd >= 0)
			log_take(fd);
	if (result == CHANNEL_CLOSED && !stopping) {
		log_line("the master is gone");
		stopping = 1;
	}
}

static const struct conn_calls channel_calls = {.on_readable = on_channel_readable};

static int watch_channel(int fd)
{
	struct conn *c = conn_open(fd, &channel_calls, NULL);

	return c ? conn_watch(c) : -1;
}

/* When malloc has nothing more, the blocks that are kept for the next pools go back to it. */
static bool give_back(size_t wanted)
{
	(void)wanted;
	return pool_release_kept() > 0;
}

void server_run(int listener, int channel)
{
	struct listener l = {.fd = listener, .on_accept = client_accept};

	clock_update();
	alloc_set_handler(give_back);
	if (loop_init() < 0 || conn_table_init(CONNECTIONS) < 0 || watch_signals() < 0 ||
	    watch_channel(channel) < 0 || slow_init() < 0 || accept_start(&l) < 0)
		die("cannot serve: %s", strerror(errno));
	channel_send(channel, CHANNEL_SERVING, STR_NONE, -1);
	while (!stopping && !quitting)
		loop_turn();
	/* SIGQUIT: clients in the queue are accepted, and clients that have sent a request get
	 * their answer. */
	if (!stopping)
		accept_waiting(&l);
	accept_stop(&l);
	close(listener);
	clients_leave();
	while (!stopping && clients_are_there())
		loop_turn();
	clients_drop();
	slow_fini();
	conn_table_fini();
	timers_fini();
	pool_release_kept();
	inputs_release_kept();
	alloc_fini(&alloc_main);
	loop_fini();
}
