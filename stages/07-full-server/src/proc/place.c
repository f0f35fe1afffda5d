#include "proc/place.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "proc/channel.h"

enum {
	/* in ms: if a process ran for a shorter time than this, the next process is started
	 * after a delay */
	YOUNG = 1000,
	LONGEST_DELAY = 32000, /* the longest delay, in ms */
};

static struct list places;

void places_init(void)
{
	list_init(&places);
}

void places_add(enum process_kind kind, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct place *p = calloc(1, sizeof(*p));

		if (p == NULL) {
			log_errno(log_main, LOG_ALERT, "a worker's place");
			return;
		}
		p->kind = kind;
		p->number = (int)i;
		p->channel = -1;
		list_add_last(&places, &p->link);
	}
}

static void vacate(struct place *p)
{
	if (p->channel >= 0)
		close(p->channel);
	lent_drop(&p->lent);
	p->channel = -1;
	p->pid = 0;
	p->serves = false;
}

static void place_remove(struct place *p)
{
	vacate(p);
	list_remove(&p->link);
	free(p);
}

void places_drop(void)
{
	LIST_EACH(link, &places)
		place_remove(CONTAINER_OF(link, struct place, link));
}

bool places_are_empty(void)
{
	return list_is_empty(&places);
}

/* ---- start and end of workers */

struct place *places_due(void)
{
	LIST_EACH(link, &places) {
		struct place *p = CONTAINER_OF(link, struct place, link);

		if (p->pid == 0 && p->due <= now.ms)
			return p;
	}
	return NULL;
}

bool places_are_waiting(void)
{
	LIST_EACH(link, &places)
		if (CONTAINER_OF(link, struct place, link)->pid == 0)
			return true;
	return false;
}

/* Sets the time when the next process is started. If every worker crashes soon after its start,
 * a delay is needed: otherwise the machine would be busy only with fork. */
static void schedule(struct place *p)
{
	if (now.ms - p->started > YOUNG)
		p->delay = 0;
	else
		p->delay = p->delay > 0 ? 2 * p->delay : 1000;
	if (p->delay > LONGEST_DELAY)
		p->delay = LONGEST_DELAY;
	p->due = now.ms + p->delay;
}

static pid_t put_off(struct place *p, const char *what)
{
	log_errno(log_main, LOG_ALERT, "%s", what);
	vacate(p);
	schedule(p);
	return -1;
}

static void enter(const struct place *p, const int *ends, int *channel)
{
	close(ends[0]);
	*channel = ends[1];
	lent_enter(&p->lent);
}

pid_t place_fork(struct place *p, const struct cycle *c, int *channel)
{
	int ends[2];

	p->started = now.ms;
	if (channel_open(ends) < 0)
		return put_off(p, "socketpair");
	p->pid = lent_take(&p->lent, c, p->kind) == 0 ? fork() : -1;
	if (p->pid == 0) {
		enter(p, ends, channel);
		return 0;
	}
	close(ends[1]);
	p->channel = ends[0];
	if (p->pid > 0)
		return p->pid;
	lent_settle(&p->lent, 0);
	return put_off(p, "fork");
}

bool places_reap(pid_t pid)
{
	LIST_EACH(link, &places) {
		struct place *p = CONTAINER_OF(link, struct place, link);

		if (p->pid != pid)
			continue;
		lent_settle(&p->lent, pid);
		vacate(p);
		if (p->leaving)
			place_remove(p);
		else
			schedule(p);
		return true;
	}
	return false;
}

/* ---- messages and signals to the workers */

static void tell(const struct place *p, int signo)
{
	if (p->pid > 0)
		kill(p->pid, signo);
}

void places_tell(int signo)
{
	LIST_EACH(link, &places)
		tell(CONTAINER_OF(link, struct place, link), signo);
}

void places_retire(void)
{
	LIST_EACH(link, &places) {
		struct place *p = CONTAINER_OF(link, struct place, link);

		p->leaving = true;
		if (p->pid == 0)
			place_remove(p);
	}
}

void places_leave(int signo)
{
	places_retire();
	LIST_EACH(link, &places)
		CONTAINER_OF(link, struct place, link)->told = true;
	places_tell(signo);
}

static bool all_serve(void)
{
	LIST_EACH(link, &places) {
		const struct place *p = CONTAINER_OF(link, struct place, link);

		if (!p->leaving && !p->serves)
			return false;
	}
	return true;
}

void places_relieve(void)
{
	if (!all_serve())
		return;
	LIST_EACH(link, &places) {
		struct place *p = CONTAINER_OF(link, struct place, link);

		if (p->leaving && !p->told)
			tell(p, SIGQUIT);
		p->told = p->leaving;
	}
}

static void hear(struct place *p)
{
	struct channel_message m;
	enum channel_result result;
	int fd;

	while ((result = channel_receive(p->channel, &m, &fd)) < CHANNEL_EMPTY) {
		if (result == CHANNEL_MESSAGE && m.command == CHANNEL_SERVING)
			p->serves = true;
		else if (result == CHANNEL_MESSAGE)
			/* a worker must not send a descriptor to the master, so the descriptor
			 * is closed */
			close(fd);
	}
}

void places_hear(void)
{
	LIST_EACH(link, &places) {
		struct place *p = CONTAINER_OF(link, struct place, link);

		if (p->pid > 0)
			hear(p);
	}
}

/* Sends the log files to the worker. If that fails, the worker may still be able to open the
 * files itself. EPIPE means that the worker has just ended: it needs no files, and its SIGCHLD
 * will arrive soon. */
static void pass(const struct place *p, const struct logfile *logs)
{
	for (const struct logfile *f = logs; f != NULL; f = f->next) {
		if (f->file.fd == STDERR_FILENO ||
		    channel_send(p->channel, CHANNEL_LOG, f->file.path, f->file.fd) == 0)
			continue;
		if (errno == EPIPE)
			return;
		log_errno(log_main, LOG_ALERT, "sendmsg to worker process %d", (int)p->pid);
		tell(p, SIGUSR1);
		return;
	}
}

void places_pass(const struct logfile *logs)
{
	LIST_EACH(link, &places) {
		const struct place *p = CONTAINER_OF(link, struct place, link);

		if (p->pid > 0)
			pass(p, logs);
	}
}
