/*
 * http: shared by all files of this floor and all http modules: the contents of http {}, and
 * the hooks of modules.
 *
 * Sections. Each module may have a struct for http {}, one for each server {}
 * and one for each location {}. They are made when the block opens and merged
 * when http {} closes: what a block leaves unset it takes from the block
 * around it. A request finds them by its level and the module's index.
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

/* Every slot may be NULL. They are called in the order of the module table. */
struct http_hooks {
	/* when http { opens: adds the variables of the module */
	int (*declare)(struct conf *cf);
	/* the sections that http {, server { and location { make when they open; 0: none */
	size_t main_size, server_size, location_size;
	/* when http { closes, outer blocks first, after members have inherited: set what the rows
	 * of the directives cannot say */
	int (*init_main)(struct conf *cf, void *section);
	int (*merge_location)(struct conf *cf, void *outer, void *inner);
	/* after that: adds phase handlers */
	int (*setup)(struct conf *cf);
	/* the same, but called only if a directive of the module has been read: a handler that
	 * nothing uses would slow down every request */
	int (*setup_if_asked)(struct conf *cf);
	/* in the process that serves, before its first event; -1 ends it */
	int (*start)(struct http *http);
	void (*stop)(struct http *http);
	/* work beside serving, as in struct module */
	bool (*needs_helper)(struct http *http);
	int (*start_helper)(struct http *http);
	void (*stop_helper)(struct http *http);
};

struct http {
	struct pool *pool;
	struct module *const *modules;
	uint32_t module_count;
	void **main;              /* sections of http {} */
	struct pool_list servers; /* struct server * */
	struct pool_list points;  /* struct listen_point * */
	struct phase_table phases;
	const struct filter **filters;     /* the filters that responses pass; ends with NULL */
	struct hash variables;             /* by name */
	struct pool_list variable_list;    /* struct variable *, by index */
	struct pool_list prefix_variables; /* struct variable * */

	/*
	 * set by the module error_page. True: the request was sent to another URI. False:
	 * answer with r->refusal, which this function may have changed.
	 */
	bool (*on_refuse)(struct request *r, int status);
	/* true: on_refuse would use a page */
	bool (*has_page)(const struct request *r, int status);
};

/* The http {} block that is being read. */
struct http *http_of(struct conf *cf);

extern struct module http_core_module;

/* For blocks of modules that are locations, too (if, limit_except). */
void **http_sections_create(struct conf *cf, enum level level);
int http_sections_merge(struct conf *cf, enum level level, void **outer, void **inner);

#endif
