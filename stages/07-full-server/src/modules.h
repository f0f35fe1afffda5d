/*
 * modules: the two tables of modules.c, for main.c.
 */
#ifndef MODULES_H
#define MODULES_H

struct module;
struct filter;

extern struct module *modules[];             /* ends with NULL */
extern const struct filter *const filters[]; /* likewise; the last one writes */

#endif
