#include "proc/master.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/list.h"
#include "proc/pidfile.h"
#include "proc/title.h"
#include "proc/upgrade.h"
#include "proc/worker.h"

enum {
	YOUNG = 1000,          /* ms: one that dies younger makes its successor wait */
	LONGEST_DELAY = 32000, /* ms */
	PATIENCE = 5000,       /* ms after SIGTERM, then SIGKILL */
	SOCKETS_MAX = 256,
};

/* A place for a worker. It outlives its process, unless it is leaving. */
struct place {
	struct list link;
	int number;
	pid_t pid;     /* 0: nobody now */
	int64_t born;  /* clock.ms */
	int64_t delay; /* until the next is born */
	int64_t due;   /* when nobody is here */
	bool leaving;  /* told to finish; nobody follows */
};

static struct list places;
static struct cycle *cycle;
static pid_t master;
static int own_number; /* in a worker */
static pid_t upgraded; /* the new master that we have started; 0: none */

/* What the master does when nothing happens. */
static enum { SERVING, RESTING, ENDING } state;
static int64_t kill_at; /* ENDING by SIGTERM: no more patience then */

static void add_places(void)
{
	for (size_t i = 0; i < settings_workers(cycle->settings); i++) {
		struct place *p = calloc(1, sizeof(*p));

		if (p == NULL) {
			log_errno(log_main, LOG_ALERT, "a worker's place");
			return;
		}
		p->number = (int)i;
		list_add_last(&places, &p->link);
	}
}

static void remove_place(struct place *p)
{
	list_remove(&p->link);
	free(p);
}

static void remove_places(void)
{
	LIST_EACH(link, &places)
		remove_place(CONTAINER_OF(link, struct place, link));
}

static void tell(struct place *p, int signo)
{
	if (p->pid > 0)
		kill(p->pid, signo);
}

static void tell_all(int signo)
{
	LIST_EACH(link, &places)
		tell(CONTAINER_OF(link, struct place, link), signo);
}

/* ---- birth and death ---- */

/* A program that dies at once must not become a machine that does nothing but fork. */
static void schedule(struct place *p)
{
	clock_update();
	if (now.ms - p->born > YOUNG)
		p->delay = 0;
	else
		p->delay = p->delay > 0 ? 2 * p->delay : 1000;
	if (p->delay > LONGEST_DELAY)
		p->delay = LONGEST_DELAY;
	p->due = now.ms + p->delay;
	p->pid = 0;
}

/* True in the new worker. */
static bool give_birth(struct place *p)
{
	p->born = now.ms;
	p->pid = fork();
	if (p->pid == 0) {
		own_number = p->number;
		remove_places(); /* the copies that came with the fork */
		return true;
	}
	if (p->pid < 0) {
		log_errno(log_main, LOG_ALERT, "fork");
		schedule(p);
	}
	return false;
}

static bool give_birth_to_those_due(void)
{
	clock_update();
	LIST_EACH(link, &places) {
		struct place *p = CONTAINER_OF(link, struct place, link);

		if (p->pid == 0 && p->due <= now.ms && give_birth(p))
			return true;
	}
	return false;
}

static int live_as_worker(void)
{
	title_set("server: worker %d", own_number);
	if (worker_settle(cycle->settings, own_number) < 0)
		return 1;
	/* Should the master be killed, who would stop us? After setuid, which forgets it. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != master)
		raise(SIGTERM);
	return worker_run(cycle, (size_t)own_number);
}

static void say_how_it_ended(pid_t pid, int status)
{
	if (WIFSIGNALED(status))
		log_write(log_main, LOG_ALERT, "worker process %d has died: %s", (int)pid,
			  strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		log_write(log_main, LOG_ALERT, "worker process %d has ended with %d", (int)pid,
			  WEXITSTATUS(status));
}

static void on_death(pid_t pid, int status)
{
	say_how_it_ended(pid, status);
	if (pid == upgraded) {
		upgraded = 0;
		if (pidfile_take_back(cycle->settings->pid) < 0)
			log_errno(log_main, LOG_ALERT, "the pid file");
		if (state == RESTING) /* nobody else serves */
			state = SERVING;
		return;
	}
	LIST_EACH(link, &places) {
		struct place *p = CONTAINER_OF(link, struct place, link);

		if (p->pid != pid)
			continue;
		if (p->leaving)
			remove_place(p);
		else
			schedule(p);
	}
}

static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		on_death(pid, status);
}

/* ---- a new configuration ---- */

static void on_error(const char *message)
{
	log_write(log_main, LOG_EMERG, "%s", message);
}

static struct cycle *read_again(const struct cycle_options *o, struct module **modules)
{
	struct cycle_options again = *o;
	int fds[SOCKETS_MAX];

	again.inherited = fds;
	again.inherited_count = listening_sockets(cycle->listening, fds, COUNT_OF(fds));
	return cycle_create(&again, modules, on_error);
}

static void let_all_go(int signo)
{
	LIST_EACH(link, &places) {
		struct place *p = CONTAINER_OF(link, struct place, link);

		p->leaving = true;
		if (p->pid == 0)
			remove_place(p);
		else
			tell(p, signo);
	}
}

/* The new workers are born in the next turn; until then the sockets' queues keep who comes. */
static void reload(const struct cycle_options *o, struct module **modules)
{
	struct cycle *next;

	if (state == RESTING) { /* back from an upgrade that is not wanted */
		state = SERVING;
		add_places();
		return;
	}
	next = read_again(o, modules);
	if (next == NULL) {
		log_write(log_main, LOG_ERROR, "the old configuration stays");
		return;
	}
	log_main = next->log;
	log_write(log_main, LOG_NOTICE, "reloaded");
	let_all_go(SIGQUIT);
	cycle_destroy(cycle);
	cycle = next;
	add_places();
}

/* ---- signals ---- */

static void rest(void)
{
	if (upgraded == 0)
		log_write(log_main, LOG_NOTICE, "the workers leave, and nobody takes over");
	state = RESTING;
	let_all_go(SIGQUIT);
}

static void end(int signo)
{
	let_all_go(signo);
	state = ENDING;
	clock_update();
	kill_at = signo == SIGQUIT ? 0 : now.ms + PATIENCE;
	if (upgraded == 0)
		listening_remove(cycle->listening);
	/* when the last worker has closed them too, the ports are free */
	listening_close(cycle->listening);
}

static void upgrade(void)
{
	pid_t pid = upgraded > 0 ? -1 : upgrade_start(cycle);

	if (pid > 0)
		upgraded = pid;
}

static void on_signal(int signo, const struct cycle_options *o, struct module **modules)
{
	switch (signo) {
	case SIGCHLD:
		reap();
		break;
	case SIGHUP:
		if (state != ENDING)
			reload(o, modules);
		break;
	case SIGUSR1:
		logfiles_reopen(cycle->logfiles);
		tell_all(SIGUSR1);
		break;
	case SIGUSR2:
		if (state == SERVING)
			upgrade();
		break;
	case SIGWINCH:
		if (state == SERVING)
			rest();
		break;
	default:
		end(signo);
	}
}

static void block_signals(sigset_t *set)
{
	static const int wanted[] = {SIGINT,  SIGTERM, SIGQUIT,  SIGHUP,
				     SIGUSR1, SIGUSR2, SIGWINCH, SIGCHLD};

	sigemptyset(set);
	for (size_t i = 0; i < COUNT_OF(wanted); i++)
		sigaddset(set, wanted[i]);
	sigprocmask(SIG_BLOCK, set, NULL);
	signal(SIGCHLD, SIG_DFL); /* ignored by whoever started us, it would never come */
	signal(SIGPIPE, SIG_IGN);
}

/* Is anything to be done without a signal: a birth that was put off, a death to be hastened? */
static bool has_plans(void)
{
	if (kill_at > 0)
		return true;
	LIST_EACH(link, &places)
		if (CONTAINER_OF(link, struct place, link)->pid == 0)
			return true;
	return false;
}

int master_run(struct cycle **c, const struct cycle_options *o, struct module **modules)
{
	static const struct timespec moment = {.tv_nsec = 200 * 1000 * 1000};
	sigset_t set;

	cycle = *c;
	master = getpid();
	log_main = cycle->log;
	list_init(&places);
	block_signals(&set);
	title_set("server: master");
	add_places();

	while (state != ENDING || !list_is_empty(&places)) {
		int signo;

		if (state == SERVING && give_birth_to_those_due()) {
			*c = cycle;
			return live_as_worker();
		}
		signo = sigtimedwait(&set, NULL, has_plans() ? &moment : NULL);
		if (signo > 0)
			on_signal(signo, o, modules);
		clock_update();
		if (state == ENDING && kill_at > 0 && kill_at <= now.ms)
			tell_all(SIGKILL);
	}
	*c = cycle;
	return 0;
}
