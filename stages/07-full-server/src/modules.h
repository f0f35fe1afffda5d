/*
 * modules: the two tables of modules.c, for main.c.
 */
#ifndef MODULES_H
#define MODULES_H

struct module;
struct filter;

extern struct module *modules[]; /* ends with NULL */
/* the filters in order; the last one writes to the socket */
extern const struct filter *const filters[];

#endif
