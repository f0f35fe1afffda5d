/*
 * The composition root: the command line, the configuration, and the process that runs it.
 *
 *     server [-hvVtTq] [-p prefix] [-c file] [-e file] [-g directives] [-s signal]
 *     server PORT [ROOT [WORKERS]]   without any configuration: serves ROOT on PORT
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "event/board.h"
#include "http/message/version.h"
#include "http/request/filter.h"
#include "modules.h"
#include "proc/cycle.h"
#include "proc/daemon.h"
#include "proc/master.h"
#include "proc/pidfile.h"
#include "proc/title.h"
#include "proc/upgrade.h"
#include "proc/worker.h"

static const char usage[] =
    "usage: server [-?hvVtTq] [-p prefix] [-c file] [-e file] [-g directives] [-s signal]\n"
    "       server PORT [ROOT [WORKERS]]\n"
    "\n"
    "  -t            test the configuration and exit\n"
    "  -T            test it, print it and exit\n"
    "  -q            say nothing but errors while testing\n"
    "  -p prefix     relative paths begin here (the working directory)\n"
    "  -c file       the configuration (conf/server.conf)\n"
    "  -e file       the error log (logs/error.log)\n"
    "  -g directives directives before those of the configuration\n"
    "  -s signal     stop, quit, reopen or reload the server that runs\n"
    "  -v, -V        the version, and how it was built\n"
    "  PORT [ROOT]   serve the folder ROOT (the working directory); port 0: any free one\n"
    "  WORKERS       in so many processes, with a master to look after them\n";

struct command_line {
	struct cycle_options options;
	bool test, dump, quiet;
	const char *signal;
};

static void complain(const char *message)
{
	fprintf(stderr, "%s\n", message);
}

static struct str absolute(struct pool *p, struct str base, const char *path, bool folder)
{
	struct str s = str_from(path);
	const char *end = folder && !str_ends(s, STR("/")) ? "/" : "";

	if (path[0] == '/')
		return pool_print(p, "%s%s", path, end);
	return pool_print(p, "%.*s%s%s", STR_ARGS(base), path, end);
}

static struct str working_directory(struct pool *p)
{
	char path[PATH_MAX];

	if (getcwd(path, sizeof(path)) == NULL)
		return STR("/");
	return absolute(p, STR_NONE, path, true);
}

static struct str find_mime_types(struct pool *p)
{
	bool there = access(CONF_FOLDER "mime.types", R_OK) == 0;

	return there ? pool_print(p, "include \"%smime.types\";", CONF_FOLDER) : STR_NONE;
}

static struct str quick_configuration(struct pool *p, const char *port, const char *root,
				      const char *workers)
{
	struct str types = find_mime_types(p);

	return pool_print(p,
			  "daemon off;\n"
			  "master_process %s;\n"
			  "worker_processes %s;\n"
			  "error_log stderr;\n"
			  "events { worker_connections 4096; }\n"
			  "http {\n"
			  "    %.*s\n"
			  "    access_log off;\n"
			  "    server {\n"
			  "        listen 127.0.0.1:%s;\n"
			  "        root \"%s\";\n"
			  "        location = /status { status; }\n"
			  "    }\n"
			  "}\n",
			  workers != NULL ? "on" : "off", workers != NULL ? workers : "1",
			  STR_ARGS(types), port, root);
}

static int wrong_usage(void)
{
	fputs(usage, stderr);
	return -1;
}

/* Returns -1: the command line is wrong; 0: go on; 1: done. */
static int parse_option(struct command_line *cl, struct pool *p, int option)
{
	struct cycle_options *o = &cl->options;

	switch (option) {
	case 'p':
		o->prefix = absolute(p, working_directory(p), optarg, true);
		return 0;
	case 'c':
		o->file = str_from(optarg);
		return 0;
	case 'e':
		o->error_log = str_from(optarg);
		return 0;
	case 'g':
		o->directives = str_from(optarg);
		return 0;
	case 's':
		cl->signal = optarg;
		return 0;
	case 'T':
		cl->dump = true; /* fall through */
	case 't':
		cl->test = true;
		return 0;
	case 'q':
		cl->quiet = true;
		return 0;
	case 'V':
	case 'v':
		fprintf(stderr, "server version: %s\n", SERVER_FULL_NAME);
		if (option == 'V')
			fprintf(stderr, "built by %s\n", __VERSION__);
		return 1;
	case 'h':
		fputs(usage, stdout);
		return 1;
	default:
		return wrong_usage();
	}
}

static int parse_command_line(struct command_line *cl, struct pool *p, int argc, char **argv)
{
	int option, result;

	cl->options.prefix = working_directory(p);
	cl->options.file = STR("conf/server.conf");
	opterr = 0;
	while ((option = getopt(argc, argv, "hvVtTqp:c:e:g:s:")) != -1) {
		if (option == '?' && optopt == '?')
			option = 'h';
		result = parse_option(cl, p, option);
		if (result != 0)
			return result;
	}
	cl->options.file = absolute(p, cl->options.prefix, cl->options.file.data, false);
	if (argc - optind > 3)
		return wrong_usage();
	if (optind < argc)
		cl->options.text =
		    quick_configuration(p, argv[optind], optind + 1 < argc ? argv[optind + 1] : ".",
					optind + 2 < argc ? argv[optind + 2] : NULL);
	return 0;
}

static void print_file(struct str path, struct str text)
{
	printf("# configuration file %.*s:\n%.*s\n", STR_ARGS(path), STR_ARGS(text));
}

static int report_test(const struct command_line *cl, const struct cycle *c)
{
	if (c == NULL)
		fprintf(stderr, "configuration test failed\n");
	else if (!cl->quiet)
		fprintf(stderr, "configuration test is successful\n");
	if (c != NULL && cl->dump && cl->options.text.len > 0)
		print_file(STR("built-in"), cl->options.text);
	return c != NULL ? 0 : 1;
}

/* Prints the address, for a person at the terminal or a script that waits for the port. */
static void announce(const struct cycle *c)
{
	for (const struct listening *l = c->listening; l != NULL; l = l->next)
		printf("listening on %s%s%s\n", l->scheme, l->text,
		       l->scheme[0] != '\0' ? "/" : "");
	fflush(stdout);
}

/* 0: it is no known signal. */
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

/* Writes the pid file, and tells the process that started us. */
static int go_public(const struct command_line *cl, const struct cycle *c)
{
	bool quick = cl->options.text.len > 0;
	/* the old master is the parent of the new one, and notices when it ends */
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

/* A worker also comes here when it ends. Only the process that the pid file names removes the
 * file. */
static int serve(struct command_line *cl, struct cycle **c)
{
	int status;

	board_add(board_own_numbers);
	for (size_t i = 0; modules[i] != NULL; i++)
		board_add(modules[i]->numbers);
	if (board_open() < 0) {
		perror("mmap");
		return 1;
	}
	if (go_public(cl, *c) < 0)
		return 1;
	if ((*c)->settings->master_process)
		status = master_run(c, &cl->options, modules);
	else
		status = serve_alone(*c);
	board_close();
	if (cl->options.text.len == 0)
		pidfile_remove((*c)->settings->pid);
	return status;
}

/* After an upgrade some sockets are open already. Those that the configuration does not use are
 * closed. */
static struct cycle *begin(struct command_line *cl)
{
	int fds[LISTENING_MOST], copies[LISTENING_MOST];
	size_t count = cl->options.testing ? 0 : upgrade_inherited(fds, LISTENING_MOST);
	struct cycle *c;

	memcpy(copies, fds, count * sizeof(*fds));
	cl->options.inherited = copies;
	cl->options.inherited_count = count;
	c = cycle_create(&cl->options, modules, complain);
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
	return c;
}

static int run(struct command_line *cl)
{
	struct cycle *c;
	int status;

	cl->options.testing = cl->test || cl->signal != NULL;
	cl->options.on_file = cl->dump ? print_file : NULL;
	c = begin(cl);
	if (cl->test)
		status = report_test(cl, c);
	else if (c == NULL)
		status = 1;
	else if (cl->signal != NULL)
		status = send_signal(c, cl->signal);
	else
		status = serve(cl, &c);
	if (c != NULL)
		cycle_destroy(c);
	return status;
}

int main(int argc, char **argv)
{
	struct command_line cl = {.options = {.text = STR_NONE}};
	struct pool *p = pool_create(POOL_BLOCK);
	int status;

	/* a write to a client or a pipe that is closed then returns EPIPE and does not end the
	 * process */
	signal(SIGPIPE, SIG_IGN);
	if (title_init(argc, argv) == 0)
		argv = title_arguments(); /* titles overwrite argv */
	clock_update();
	filters_set(filters);
	status = parse_command_line(&cl, p, argc, argv);
	if (status == 0)
		status = run(&cl);
	else
		status = status < 0 ? 1 : 0;
	pool_destroy(p);
	pool_release_kept();
	title_fini();
	return status;
}
