#include "proc/master.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "proc/place.h"
#include "proc/system/pidfile.h"
#include "proc/system/title.h"
#include "proc/upgrade.h"
#include "proc/worker.h"

enum {
	PATIENCE = 5000, /* the time between SIGTERM and SIGKILL, in ms */
};

static struct cycle *cycle;
static pid_t master;
/* the pid of the new master that this master has started; 0 if there is none */
static pid_t upgraded;

/*
 *              SIGWINCH
 *     SERVING ----------> RESTING      the workers finish and exit, and are not replaced
 *        ^                   |
 *        `-------------------'         SIGHUP, or the new master has ended
 *
 *     either ---> ENDING               SIGQUIT, SIGTERM, SIGINT: wait for the last worker
 */
static enum { SERVING, RESTING, ENDING } state;
/* when to send SIGKILL to the workers, after a SIGTERM or SIGINT; 0 means never */
static int64_t kill_at;

static void add_places(void)
{
	places_add(PROCESS_WORKER, settings_workers(cycle->settings));
	places_add(PROCESS_HELPER, worker_needs_helper(cycle) ? 1 : 0);
}

/* ---- start and end of workers */

static int live_as_worker(enum process_kind kind, int number, int channel)
{
	places_drop();
	pidfile_drop();
	if (kind == PROCESS_HELPER)
		title_set("server: helper");
	else
		title_set("server: worker %d", number);
	if (worker_settle(cycle->settings, kind, number) < 0)
		return 1;
	/* The kernel sends this worker a SIGTERM when the master ends. This is set after
	 * setuid, because setuid clears it. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != master)
		raise(SIGTERM);
	return worker_run(cycle, kind, (size_t)number, channel);
}

/* Starts all workers that are due. Returns true in a new worker. */
static bool give_birth_to_those_due(enum process_kind *kind, int *number, int *channel)
{
	struct place *p;

	clock_update();
	while (state == SERVING && (p = places_due()) != NULL) {
		*kind = p->kind;
		*number = p->number;
		if (place_fork(p, cycle, channel) == 0)
			return true;
	}
	return false;
}

static void say_how_it_ended(const char *who, pid_t pid, int status)
{
	if (WIFSIGNALED(status))
		log_write(log_main, LOG_ALERT, "%s %d has died: %s", who, (int)pid,
			  strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		log_write(log_main, LOG_ALERT, "%s %d has ended with %d", who, (int)pid,
			  WEXITSTATUS(status));
}

static void serve_again(void)
{
	state = SERVING;
	add_places();
}

/* The new master has ended. This master takes its pid file back. If it had stopped its workers,
 * it starts workers again. */
static void on_upgrade_failed(void)
{
	upgraded = 0;
	if (pidfile_take_back(cycle->settings->pid) < 0)
		log_errno(log_main, LOG_ALERT, "the pid file");
	if (state == RESTING)
		serve_again();
}

static void on_death(pid_t pid, int status)
{
	if (pid == upgraded) {
		say_how_it_ended("the new master", pid, status);
		on_upgrade_failed();
	} else if (places_reap(pid)) {
		say_how_it_ended("worker process", pid, status);
	}
}

static void reap(void)
{
	int status;
	pid_t pid;

	clock_update();
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		on_death(pid, status);
}

/* ---- a new configuration */

static void on_error(const char *message)
{
	log_write(log_main, LOG_EMERG, "%s", message);
}

static struct cycle *read_again(const struct cycle_options *o, struct module **modules)
{
	struct cycle_options again = *o;
	int fds[LISTENING_MOST];

	again.zones = cycle->zones;
	again.inherited = fds;
	again.inherited_count = listening_sockets(cycle->listening, fds, COUNT_OF(fds));
	return cycle_create(&again, modules, on_error);
}

/* The new pid file is written before the old one is removed. So at every moment one of the two
 * files can be read. */
static int move_pidfile(struct str from, struct str to)
{
	if (str_equal(from, to))
		return 0;
	if (pidfile_write(to) < 0) {
		log_errno(log_main, LOG_EMERG, "pid file \"%s\"", to.data);
		return -1;
	}
	pidfile_remove(from);
	return 0;
}

/* In a daemon, stderr becomes the error log. So if a new binary refuses to start, its error
 * messages are in this log. */
static void follow_log(void)
{
	int fd = cycle->log->file->fd;

	if (cycle->settings->daemon && fd != STDERR_FILENO)
		dup2(fd, STDERR_FILENO);
}

/* Replaces the configuration by a new one. The new workers are started in the next turn of the
 * loop. When the new workers serve, the old workers are told to leave. */
static void take_on(struct cycle *next)
{
	log_main = next->log;
	log_write(log_main, LOG_NOTICE, "reloaded");
	places_retire();
	cycle_destroy(cycle);
	cycle = next;
	follow_log();
	add_places();
}

static void reload(const struct cycle_options *o, struct module **modules)
{
	struct cycle *next;

	if (state == RESTING) { /* SIGHUP cancels the upgrade */
		serve_again();
		return;
	}
	if (upgraded > 0) {
		log_write(log_main, LOG_ERROR, "a new binary is on trial: nothing is reloaded");
		return;
	}
	next = read_again(o, modules);
	if (next != NULL && move_pidfile(cycle->settings->pid, next->settings->pid) < 0) {
		cycle_destroy(next);
		next = NULL;
	}
	if (next == NULL)
		log_write(log_main, LOG_ERROR, "the old configuration stays");
	else
		take_on(next);
}

/* ---- signals */

static void rest(void)
{
	if (upgraded == 0)
		log_write(log_main, LOG_NOTICE, "the workers leave, and no process replaces them");
	state = RESTING;
	places_leave(SIGQUIT);
}

static void end(int signo)
{
	places_leave(signo);
	state = ENDING;
	clock_update();
	kill_at = signo == SIGQUIT ? 0 : now.ms + PATIENCE;
	if (upgraded == 0 && !upgrade_is_on_trial())
		listening_remove(cycle->listening);
	/* a port is free only when the workers have closed its socket, too */
	listening_close(cycle->listening);
}

/* Workers may have no right to open the files. So the master opens the files and sends the
 * descriptors. */
static void reopen(void)
{
	logfiles_reopen(cycle->logfiles);
	follow_log();
	places_pass(cycle->logfiles);
}

static void upgrade(void)
{
	pid_t pid;

	if (upgraded > 0 || upgrade_is_on_trial()) {
		log_write(log_main, LOG_ERROR, "an upgrade is under way already");
		return;
	}
	pid = upgrade_start(cycle);
	if (pid > 0)
		upgraded = pid;
}

static void on_signal(const siginfo_t *info, const struct cycle_options *o, struct module **modules)
{
	switch (info->si_signo) {
	case SIGCHLD:
		reap();
		break;
	case SIGIO:
		places_hear();
		break;
	case SIGHUP:
		if (state != ENDING)
			reload(o, modules);
		break;
	case SIGUSR1:
		reopen();
		break;
	case SIGUSR2:
		if (state == SERVING)
			upgrade();
		break;
	case SIGWINCH:
		/* The kernel sends SIGWINCH when the size of the terminal changes. This signal
		 * is ignored. */
		if (state == SERVING && info->si_code != SI_KERNEL)
			rest();
		break;
	default:
		end(info->si_signo);
	}
}

static void block_signals(sigset_t *set)
{
	static const int wanted[] = {SIGINT,  SIGTERM,  SIGQUIT, SIGHUP, SIGUSR1,
				     SIGUSR2, SIGWINCH, SIGCHLD, SIGIO};

	sigemptyset(set);
	for (size_t i = 0; i < COUNT_OF(wanted); i++)
		sigaddset(set, wanted[i]);
	sigprocmask(SIG_BLOCK, set, NULL);
	signal(SIGCHLD, SIG_DFL); /* an ignored SIGCHLD would never arrive */
}

static void begin(struct cycle *c, sigset_t *set)
{
	cycle = c;
	master = getpid();
	log_main = cycle->log;
	places_init();
	block_signals(set);
	title_set("server: master");
	follow_log();
	add_places();
}

/* Waits for a signal. If the master will soon have to start a delayed worker, or to kill
 * workers, no signal tells when it is time. Then the wait ends after 200 ms. */
static int wait_for_signal(const sigset_t *set, siginfo_t *info)
{
	static const struct timespec moment = {.tv_nsec = 200 * 1000 * 1000};
	bool has_plans = kill_at > 0 || places_are_waiting();

	return sigtimedwait(set, info, has_plans ? &moment : NULL);
}

static void look_after_places(void)
{
	if (state == SERVING)
		places_relieve();
	clock_update();
	if (state == ENDING && kill_at > 0 && kill_at <= now.ms)
		places_tell(SIGKILL);
}

int master_run(struct cycle **c, const struct cycle_options *o, struct module **modules)
{
	sigset_t set;
	siginfo_t info;
	enum process_kind kind;
	int number, channel;

	begin(*c, &set);
	while (state != ENDING || !places_are_empty()) {
		if (give_birth_to_those_due(&kind, &number, &channel)) {
			*c = cycle;
			return live_as_worker(kind, number, channel);
		}
		if (wait_for_signal(&set, &info) > 0)
			on_signal(&info, o, modules);
		look_after_places();
	}
	*c = cycle;
	return 0;
}
