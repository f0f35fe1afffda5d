#include "options.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "http/message/version.h"

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

static void print_version(bool long_form)
{
	fprintf(stderr, "server version: %s\n", SERVER_FULL_NAME);
	if (long_form)
		fprintf(stderr, "built by %s\n", __VERSION__);
}

enum next { GO_ON, DONE, WRONG };

static enum next take(struct options *o, struct pool *p, int option)
{
	switch (option) {
	case 'p':
		o->cycle.prefix = absolute(p, working_directory(p), optarg, true);
		return GO_ON;
	case 'c':
		o->cycle.file = str_from(optarg);
		return GO_ON;
	case 'e':
		o->cycle.error_log = str_from(optarg);
		return GO_ON;
	case 'g':
		o->cycle.directives = str_from(optarg);
		return GO_ON;
	case 's':
		o->signal = optarg;
		return GO_ON;
	case 'T':
		o->dump = true; /* fall through */
	case 't':
		o->test = true;
		return GO_ON;
	case 'q':
		o->quiet = true;
		return GO_ON;
	case 'V':
	case 'v':
		print_version(option == 'V');
		return DONE;
	case 'h':
		fputs(usage, stdout);
		return DONE;
	default:
		return WRONG;
	}
}

static enum next take_all(struct options *o, struct pool *p, int argc, char **argv)
{
	enum next next = GO_ON;
	int option;

	opterr = 0;
	while (next == GO_ON && (option = getopt(argc, argv, "hvVtTqp:c:e:g:s:")) != -1)
		next = take(o, p, option == '?' && optopt == '?' ? 'h' : option);
	if (next == GO_ON && argc - optind > 3)
		next = WRONG;
	if (next == GO_ON && optind < argc)
		o->cycle.text =
		    quick_configuration(p, argv[optind], optind + 1 < argc ? argv[optind + 1] : ".",
					optind + 2 < argc ? argv[optind + 2] : NULL);
	return next;
}

bool options_parse(struct options *o, struct pool *p, int argc, char **argv, int *status)
{
	enum next next;

	*o = (struct options){.cycle = {.prefix = working_directory(p),
					.file = STR("conf/server.conf"),
					.text = STR_NONE}};
	next = take_all(o, p, argc, argv);
	if (next == WRONG)
		fputs(usage, stderr);
	*status = next == WRONG;
	o->cycle.file = absolute(p, o->cycle.prefix, o->cycle.file.data, false);
	return next == GO_ON;
}
