#include "proc/worker.h"

#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "event/balance.h"
#include "event/board.h"
#include "event/loop.h"
#include "mem/alloc.h"
#include "proc/channel.h"
#include "proc/system/title.h"

/*
 *           SIGQUIT            no client is busy
 *  RUNNING ---------> LEAVING -------------------------> the end
 *     |                  |                                  ^
 *     `------------------'-----------> ENDED ---------------'
 *        SIGTERM, SIGINT, the master has ended; worker_shutdown_timeout
 */
static enum { RUNNING, LEAVING, ENDED } state;
static struct cycle *cycle;
static enum process_kind own_kind;
static bool has_master;
static size_t own_number;
static struct timer patience; /* worker_shutdown_timeout */

/* ---- starting and stopping the modules in this process */

static bool is_helper(void)
{
	return own_kind == PROCESS_HELPER || !has_master;
}

static int start_module(const struct module *m, void *section)
{
	if (own_kind == PROCESS_WORKER && m->start != NULL && m->start(section) < 0)
		return -1;
	return is_helper() && m->start_helper != NULL ? m->start_helper(section) : 0;
}

static void stop_module(const struct module *m, void *section)
{
	if (is_helper() && m->stop_helper != NULL)
		m->stop_helper(section);
	if (own_kind == PROCESS_WORKER && m->stop != NULL)
		m->stop(section);
}

static int start_all(void)
{
	for (size_t i = 0; cycle->modules[i] != NULL; i++)
		if (start_module(cycle->modules[i], cycle->sections[i]) < 0)
			return -1;
	return 0;
}

bool worker_needs_helper(const struct cycle *c)
{
	for (size_t i = 0; c->modules[i] != NULL; i++)
		if (c->modules[i]->needs_helper != NULL &&
		    c->modules[i]->needs_helper(c->sections[i]))
			return true;
	return false;
}

static void leave_all(void)
{
	for (size_t i = 0; cycle->modules[i] != NULL; i++)
		if (cycle->modules[i]->leave != NULL)
			cycle->modules[i]->leave(cycle->sections[i]);
}

static bool is_any_busy(void)
{
	for (size_t i = 0; cycle->modules[i] != NULL; i++)
		if (cycle->modules[i]->is_busy != NULL &&
		    cycle->modules[i]->is_busy(cycle->sections[i]))
			return true;
	return false;
}

/* Stops the modules in the opposite order of the start. So the threads end after the clients
 * for which they work. */
static void stop_all(void)
{
	size_t count = 0;

	while (cycle->modules[count] != NULL)
		count++;
	while (count-- > 0)
		stop_module(cycle->modules[count], cycle->sections[count]);
}

/* ---- signals: read from a descriptor, so the loop handles them like other events */

static void out_of_patience(struct timer *t)
{
	log_write(log_main, LOG_NOTICE,
		  "worker_shutdown_timeout: clients are left before their end");
	state = ENDED;
}

/* Stops accepting. If there is no master, no other process has the sockets, so they are closed
 * and the ports become free. */
static void leave(void)
{
	state = LEAVING;
	if (has_master)
		title_set("server: worker %zu is leaving", own_number);
	if (cycle->settings->worker_shutdown_timeout > 0)
		timer_start(&patience, cycle->settings->worker_shutdown_timeout);
	listening_stop(cycle->listening);
	if (!has_master)
		listening_remove(cycle->listening);
	listening_close(cycle->listening);
	leave_all();
	board_leave();
}

static void on_signal(int number)
{
	switch (number) {
	case SIGQUIT:
		if (own_kind == PROCESS_HELPER)
			state = ENDED;
		else if (state == RUNNING)
			leave();
		break;
	case SIGUSR1:
		logfiles_reopen(cycle->logfiles);
		break;
	case SIGINT:
	case SIGTERM:
		state = ENDED;
		break;
	}
}

static void on_signals_readable(struct conn *c)
{
	struct signalfd_siginfo info;

	while (read(c->fd, &info, sizeof(info)) == sizeof(info))
		on_signal((int)info.ssi_signo);
}

static const struct conn_calls signal_calls = {.on_readable = on_signals_readable};

static sigset_t hold_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return set;
}

void worker_hold_signals(void)
{
	hold_signals();
}

static int watch_signals(void)
{
	sigset_t set = hold_signals();
	struct conn *c;
	int fd;

	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	c = fd >= 0 ? conn_open(fd, &signal_calls, NULL) : NULL;
	return c != NULL ? conn_watch(c) : -1;
}

/* ---- the master's channel */

static void on_channel_readable(struct conn *c)
{
	struct channel_message m;
	enum channel_result result;
	int fd;

	while ((result = channel_receive(c->fd, &m, &fd)) < CHANNEL_EMPTY) {
		if (result == CHANNEL_MESSAGE)
			logfiles_take(cycle->logfiles, str_from(m.path), fd);
		else
			log_write(log_main, LOG_ALERT, "junk on the master's channel");
	}
	if (result == CHANNEL_CLOSED && state != ENDED) {
		log_write(log_main, LOG_ALERT, "the master is gone");
		state = ENDED;
	}
}

static const struct conn_calls channel_calls = {.on_readable = on_channel_readable};

static int watch_channel(int fd)
{
	struct conn *c;

	if (fd < 0)
		return 0;
	c = conn_open(fd, &channel_calls, NULL);
	return c != NULL ? conn_watch(c) : -1;
}

/* ---- the life of the worker */

/* Called when there is no memory. Frees blocks that are only kept for later use. Returns true
 * if malloc should be tried again. */
static bool give_memory_back(size_t wanted)
{
	return pool_release_kept() > 0;
}

static void raise_open_files(const struct settings *s)
{
	rlim_t files = (rlim_t)s->worker_rlimit_nofile;
	struct rlimit limit = {files, files};

	if (s->worker_rlimit_nofile > 0 && setrlimit(RLIMIT_NOFILE, &limit) < 0)
		log_errno(log_main, LOG_ALERT, "setrlimit(RLIMIT_NOFILE)");
}

static void check_open_files(const struct settings *s)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && (rlim_t)s->worker_connections > limit.rlim_cur)
		log_write(log_main, LOG_WARN,
			  "%lld worker_connections exceed open file resource limit: %lld",
			  (long long)s->worker_connections, (long long)limit.rlim_cur);
}

/* Called while the process may still be root. Sets the process's limits and cores, then changes
 * to the user of the workers. */
int worker_settle(const struct settings *s, enum process_kind kind, int number)
{
	const cpu_set_t *sets = s->affinity.items;

	if (kind == PROCESS_WORKER && s->affinity.count > 0 &&
	    sched_setaffinity(0, sizeof(*sets), &sets[(size_t)number % s->affinity.count]) < 0)
		log_errno(log_main, LOG_ALERT, "sched_setaffinity");
	if (!s->has_user || geteuid() != 0)
		return 0;
	raise_open_files(s);
	if (setgid(s->gid) == 0 && initgroups(s->user.data, s->gid) == 0 && setuid(s->uid) == 0)
		return 0;
	log_errno(log_main, LOG_EMERG, "cannot become user \"%s\"", s->user.data);
	return -1;
}

static void prepare_to_accept(void)
{
	accept_init(cycle->settings->accept_mutex_delay);
	balance_init(cycle_accept_mutex(cycle), cycle->settings->accept_mutex_delay);
}

static int accept_clients(size_t number)
{
	const struct settings *s = cycle->settings;
	const struct listening_role role = {number, settings_workers(s), s->multi_accept};

	return listening_accept(cycle->listening, &role);
}

static int begin(size_t number, int channel)
{
	const struct settings *s = cycle->settings;

	raise_open_files(s);
	check_open_files(s);
	alloc_set_handler(give_memory_back);
	if (loop_init() < 0 || conn_table_init((uint32_t)s->worker_connections) < 0 ||
	    watch_signals() < 0 || watch_channel(channel) < 0)
		return -1;
	timer_init(&patience, out_of_patience);
	patience.holds_exit = false;
	conn_recycle_after(s->connection_recycle_delay);
	if (own_kind == PROCESS_HELPER) {
		listening_close(cycle->listening);
		return start_all();
	}
	prepare_to_accept();
	return start_all() < 0 ? -1 : accept_clients(number);
}

/* The worker copies its numbers to the board before it waits for events. */
static void live_a_turn(void)
{
	board_publish();
	loop_turn();
}

int worker_run(struct cycle *c, enum process_kind kind, size_t number, int channel)
{
	cycle = c;
	own_kind = kind;
	has_master = channel >= 0;
	own_number = number;
	log_main = c->log;
	if (begin(number, channel) < 0) {
		log_errno(log_main, LOG_EMERG, "cannot start");
		return 1;
	}
	if (has_master)
		channel_send(channel, CHANNEL_SERVING, STR_NONE, -1);
	while (state == RUNNING || (state == LEAVING && is_any_busy()))
		live_a_turn();
	stop_all();
	board_publish(); /* also publish the numbers of the last turn */
	conn_table_fini();
	timers_fini();
	loop_fini();
	alloc_fini(&alloc_main);
	pool_release_kept();
	return 0;
}
