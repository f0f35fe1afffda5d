/*
 * options: the command line.
 *
 *     server [-hvVtTq] [-p prefix] [-c file] [-e file] [-g directives] [-s signal]
 *     server PORT [ROOT [WORKERS]]   without any configuration: serves ROOT on PORT
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "proc/cycle.h"

struct options {
	struct cycle_options cycle;
	bool test, dump, quiet;
	const char *signal; /* -s; NULL: none */
};

/* True: go on. False: the process exits with *status; what there was to say is written. */
bool options_parse(struct options *o, struct pool *p, int argc, char **argv, int *status);

#endif
