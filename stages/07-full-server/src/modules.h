/*
 * modules: the tables of all modules and all filters.
 */
#ifndef MODULES_H
#define MODULES_H

struct module;
struct filter;

extern struct module *modules[]; /* ends with NULL */
/* The filters in their order. The last filter writes to the socket. */
extern const struct filter *const filters[];

#endif
