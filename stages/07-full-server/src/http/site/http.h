/*
 * http: the contents of http {}, and the hooks of modules. All files of http/ and all http
 * modules use this header.
 *
 * A section is a struct of a module for one block. Each module may have a section for http {},
 * one for each server {} and one for each location {}. A section is created when its block
 * opens. Sections are merged when http {} closes: a member that a block does not set takes the
 * value of the outer block. A request finds a section by the level and the index of the module.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "base/hash.h"
#include "base/list.h"
#include "base/log.h"
#include "conf/value.h"
#include "http/site/phase.h"

struct request;
struct server;
struct location;
struct filter;
struct variable;

enum { CAPTURES_MAX = 10 };

/* The hooks of a module. Each hook may be NULL. The server calls the same hook of all modules,
 * in the order of the module table, before it calls the next hook. */
struct http_hooks {
	/* called when http { opens: adds the variables of the module */
	int (*declare)(struct conf *cf);
	/* The sizes of the sections that http {, server { and location { create when they
	 * open. 0 means that the module needs no such section. */
	size_t main_size, server_size, location_size;
	/*
	 * Called when http {} closes, for the outer block before the inner one. At that time
	 * the members of each block have inherited their values. The hook sets the values that
	 * the table of directives cannot express.
	 */
	int (*init_main)(struct conf *cf, void *section);
	int (*merge_location)(struct conf *cf, void *outer, void *inner);
	/* called after the merge: adds phase handlers */
	int (*setup)(struct conf *cf);
	/* Called like `setup`, but only if the configuration uses a directive of the module.
	 * Without this rule, an unused handler would slow down every request. */
	int (*setup_if_asked)(struct conf *cf);
	/*
	 * These hooks are called in each process that serves clients. `start` is called before
	 * the first event. If `start` returns -1, the process exits. `stop` is called before
	 * the process exits.
	 */
	int (*start)(struct http *http);
	void (*stop)(struct http *http);
	/* these hooks are for the helper process, see struct module */
	bool (*needs_helper)(struct http *http);
	int (*start_helper)(struct http *http);
	void (*stop_helper)(struct http *http);
};

struct http {
	struct pool *pool;
	struct module *const *modules;
	uint32_t module_count;
	void **main;              /* the sections of http {}, by module index */
	struct pool_list servers; /* struct server * */
	struct pool_list points;  /* struct listen_point * */
	struct phase_table phases;
	/* the filters that a response passes, in this order; the last entry is NULL */
	const struct filter **filters;
	struct hash variables; /* by name */
	/* struct variable *, at the index of the variable */
	struct pool_list variable_list;
	struct pool_list prefix_variables; /* struct variable *, the families like $http_NAME */

	/*
	 * The module error_page sets this pointer. The function returns true if the request
	 * continues with another URI (an internal redirect). If it returns false, r->refusal is
	 * the status of the response. The function may change r->refusal.
	 */
	bool (*on_refuse)(struct request *r, int status);
	/* returns true if error_page has a page for this status */
	bool (*has_page)(const struct request *r, int status);
};

/* Returns the http {} block that is being read. */
struct http *http_of(struct conf *cf);

extern struct module http_core_module;

/* A module calls this function for its own block that is a location, too (if, limit_except). */
void **http_sections_create(struct conf *cf, enum level level);
int http_sections_merge(struct conf *cf, enum level level, void **outer, void **inner);

#endif
