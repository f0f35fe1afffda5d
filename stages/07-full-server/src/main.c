/*
 * main: puts the parts of the server together. It reads the configuration and starts the
 * processes that serve.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "event/board.h"
#include "http/request/filter.h"
#include "modules.h"
#include "options.h"
#include "proc/master.h"
#include "proc/system/daemon.h"
#include "proc/system/pidfile.h"
#include "proc/system/title.h"
#include "proc/upgrade.h"
#include "proc/worker.h"

static void complain(const char *message)
{
	fprintf(stderr, "%s\n", message);
}

static void print_file(struct str path, struct str text)
{
	printf("# configuration file %.*s:\n%.*s\n", STR_ARGS(path), STR_ARGS(text));
}

static int report_test(const struct options *o, const struct cycle *c)
{
	if (c == NULL)
		fprintf(stderr, "configuration test failed\n");
	else if (!o->quiet)
		fprintf(stderr, "configuration test is successful\n");
	if (c != NULL && o->dump && o->cycle.text.len > 0)
		print_file(STR("built-in"), o->cycle.text);
	return c != NULL ? 0 : 1;
}

/* Prints the addresses on which the server listens. A person at the terminal or a script that
 * waits for the port can read them. */
static void announce(const struct cycle *c)
{
	for (const struct listening *l = c->listening; l != NULL; l = l->next)
		printf("listening on %s%s%s\n", l->scheme, l->text,
		       l->scheme[0] != '\0' ? "/" : "");
	fflush(stdout);
}

/* Returns the number of the signal, or 0 if the name is not known. */
static int signal_number(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} signals[] = {
	    {"stop", SIGTERM}, {"quit", SIGQUIT}, {"reopen", SIGUSR1}, {"reload", SIGHUP}};

	for (size_t i = 0; i < COUNT_OF(signals); i++)
		if (strcmp(signals[i].name, name) == 0)
			return signals[i].number;
	return 0;
}

static int send_signal(const struct cycle *c, const char *name)
{
	int pid = pidfile_read(c->settings->pid.data);
	int number = signal_number(name);

	if (pid == 0) {
		fprintf(stderr, "no process number in \"%s\": is the server running?\n",
			c->settings->pid.data);
		return 1;
	}
	if (number == 0) {
		fprintf(stderr, "unknown signal \"%s\": stop, quit, reopen or reload\n", name);
		return 1;
	}
	if (!pidfile_is_held(c->settings->pid.data, pid)) {
		fprintf(stderr, "\"%s\": process %d is not the server that has written it\n",
			c->settings->pid.data, pid);
		return 1;
	}
	if (kill(pid, number) == 0)
		return 0;
	fprintf(stderr, "kill(%d): %s (%d)\n", pid, strerror(errno), errno);
	return 1;
}

static int write_pid(const struct cycle *c)
{
	if (pidfile_write(c->settings->pid) == 0)
		return 0;
	fprintf(stderr, "pid file \"%s\": %s (%d)\n", c->settings->pid.data, strerror(errno),
		errno);
	return -1;
}

static int serve_alone(struct cycle *c)
{
	int status;

	board_enter(board_take());
	status = worker_run(c, PROCESS_WORKER, 0, -1);
	listening_remove(c->listening);
	return status;
}

/* Makes the server a daemon if the configuration says so, writes the pid file, and prints the
 * addresses. Then daemon_done tells the process that waits at the terminal that the server
 * serves. */
static int go_public(const struct options *o, const struct cycle *c)
{
	bool quick = o->cycle.text.len > 0;
	/* during an upgrade this process must stay a child of the old master, which must notice
	 * when this process ends */
	bool leaves = c->settings->daemon && !upgrade_is_on_trial();

	if (leaves && daemon_begin() < 0) {
		perror("daemon");
		return -1;
	}
	worker_hold_signals();
	if (!quick && write_pid(c) < 0)
		return -1;
	announce(c);
	if (leaves)
		daemon_done();
	return 0;
}

/* This code also runs in a worker, before it exits. But pidfile_remove removes the file only in
 * the process whose pid is in the file. */
static int serve(struct options *o, struct cycle **c)
{
	int status;

	board_add(board_own_numbers);
	for (size_t i = 0; modules[i] != NULL; i++)
		board_add(modules[i]->numbers);
	if (board_open() < 0) {
		perror("mmap");
		return 1;
	}
	if (go_public(o, *c) < 0)
		return 1;
	if ((*c)->settings->master_process)
		status = master_run(c, &o->cycle, modules);
	else
		status = serve_alone(*c);
	board_close();
	if (o->cycle.text.len == 0)
		pidfile_remove((*c)->settings->pid);
	return status;
}

/* Reads the configuration. During an upgrade some sockets are open already. Those sockets that
 * the configuration does not use are closed. */
static struct cycle *begin(struct options *o)
{
	int fds[LISTENING_MOST], copies[LISTENING_MOST];
	size_t count = o->cycle.testing ? 0 : upgrade_inherited(fds, LISTENING_MOST);
	struct cycle *c;

	memcpy(copies, fds, count * sizeof(*fds));
	o->cycle.inherited = copies;
	o->cycle.inherited_count = count;
	c = cycle_create(&o->cycle, modules, complain);
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
	return c;
}

static int run(struct options *o)
{
	struct cycle *c;
	int status;

	o->cycle.testing = o->test || o->signal != NULL;
	o->cycle.on_file = o->dump ? print_file : NULL;
	c = begin(o);
	if (o->test)
		status = report_test(o, c);
	else if (c == NULL)
		status = 1;
	else if (o->signal != NULL)
		status = send_signal(c, o->signal);
	else
		status = serve(o, &c);
	if (c != NULL)
		cycle_destroy(c);
	return status;
}

int main(int argc, char **argv)
{
	struct pool *p = pool_create(POOL_BLOCK);
	struct options o;
	int status;

	/* without this, a write to a closed socket or pipe would kill the process; now it
	 * returns EPIPE */
	signal(SIGPIPE, SIG_IGN);
	if (title_init(argc, argv) == 0)
		argv = title_arguments(); /* titles overwrite the original argv */
	clock_update();
	filters_set(filters);
	if (options_parse(&o, p, argc, argv, &status))
		status = run(&o);
	pool_destroy(p);
	pool_release_kept();
	title_fini();
	return status;
}
