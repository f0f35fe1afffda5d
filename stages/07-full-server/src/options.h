/*
 * options: reads the command line.
 *
 *     server [-hvVtTq] [-p prefix] [-c file] [-e file] [-g directives] [-s signal]
 *     server PORT [ROOT [WORKERS]]   without a configuration file: serves ROOT on PORT
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "proc/cycle.h"

struct options {
	struct cycle_options cycle;
	bool test, dump, quiet;
	const char *signal; /* the name after -s, or NULL */
};

/* Returns true if the server should go on. Returns false if the process should exit with
 * *status; all messages are already written. */
bool options_parse(struct options *o, struct pool *p, int argc, char **argv, int *status);

#endif
