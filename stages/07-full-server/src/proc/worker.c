#include "proc/worker.h"

#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "event/accept.h"
#include "event/loop.h"
#include "event/thread_pools.h"
#include "http/server.h"
#include "http/client.h"
#include "mem/alloc.h"

/* Signals come as bytes of a descriptor: the loop hears them like anything else, and loses none. */
static enum { RUNNING, LEAVING, ENDED } state;
static struct cycle *cycle;
static struct timer patience; /* worker_shutdown_timeout */

static void out_of_patience(struct timer *t)
{
	(void)t;
	log_write(log_main, LOG_NOTICE, "worker_shutdown_timeout: clients are left before their end");
	state = ENDED;
}

static void on_signal(int number)
{
	switch (number) {
	case SIGQUIT:
		if (state == RUNNING) {
			state = LEAVING;
			if (cycle->settings->worker_shutdown_timeout > 0)
				timer_start(&patience, cycle->settings->worker_shutdown_timeout);
			points_stop(cycle->http);
			points_close(cycle->http); /* others accept, or nobody does and the port is free */
			clients_leave();
		}
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

static int watch_signals(void)
{
	struct conn *c;
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	c = fd >= 0 ? conn_open(fd, &signal_calls, NULL) : NULL;
	return c != NULL ? conn_watch(c) : -1;
}

/* Memory is short: what is kept for later goes first. */
static bool give_memory_back(size_t wanted)
{
	(void)wanted;
	return pool_release_kept() > 0;
}

static void raise_open_files(const struct settings *s)
{
	struct rlimit limit;

	if (s->worker_rlimit_nofile > 0) {
		limit.rlim_cur = limit.rlim_max = (rlim_t)s->worker_rlimit_nofile;
		if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
			log_errno(log_main, LOG_ALERT, "setrlimit(RLIMIT_NOFILE)");
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && (rlim_t)s->worker_connections > limit.rlim_cur)
		log_write(log_main, LOG_WARN,
			  "%lld worker_connections exceed open file resource limit: %lld",
			  (long long)s->worker_connections, (long long)limit.rlim_cur);
}

/* While we are still root: what belongs to us, then who we are. */
int worker_settle(const struct settings *s, int number)
{
	const cpu_set_t *sets = s->affinity.items;

	if (s->affinity.count > 0 &&
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

static int begin(struct cycle *c, struct module *const *modules)
{
	const struct settings *s = c->settings;

	raise_open_files(s);
	alloc_set_handler(give_memory_back);
	if (loop_init() < 0 || conn_table_init((uint32_t)s->worker_connections) < 0 ||
	    watch_signals() < 0)
		return -1;
	timer_init(&patience, out_of_patience);
	patience.holds_exit = false;
	conn_recycle_after(s->connection_recycle_delay);
	accept_init(s->accept_mutex_delay);
	if (thread_pools_start(c->sections[thread_pools_module.index]) < 0)
		return -1;
	if (c->http == NULL)
		return 0;
	return http_start(c->http, modules) < 0 || points_accept(c->http, client_accept) < 0 ? -1 : 0;
}

static bool has_clients(void)
{
	return client_stats.reading + client_stats.writing + client_stats.waiting > 0;
}

int worker_run(struct cycle *c, struct module *const *modules)
{
	cycle = c;
	log_main = c->log;
	if (begin(c, modules) < 0) {
		log_errno(log_main, LOG_EMERG, "cannot start");
		return 1;
	}
	while (state == RUNNING || (state == LEAVING && has_clients()))
		loop_turn();
	if (c->http != NULL) {
		clients_drop();
		/* what the threads still have finds nobody, and gives back what it holds */
		thread_pools_stop(c->sections[thread_pools_module.index]);
		http_stop(c->http, modules);
	}
	conn_table_fini();
	timers_fini();
	loop_fini();
	alloc_fini(&alloc_main);
	pool_release_kept();
	return 0;
}
