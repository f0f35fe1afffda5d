/*
 * conf: reads a configuration.
 *
 * Every module has a table of directives. An entry of the table says in which blocks the
 * directive is allowed, how many arguments it takes, and which function stores them. The parser
 * finds the entry, checks the block and the number of arguments, and finds the section (the
 * struct in which the module stores its settings of this block). Then it calls the function.
 *
 * A block has new sections: `http {`, `server {` and `location {` each have one section per
 * http module. The function of a block directive makes these sections, then calls conf_block,
 * which reads the lines inside the block.
 *
 * Errors are reported as "file:line: message". A function that fails calls conf_fail with the
 * reason, then returns -1 or NULL.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include "base/str.h"
#include "conf/lexer.h"
#include "mem/pool.h"

/* The blocks in which a directive is allowed, and its number of arguments. Combine them with |. */
enum {
	IN_MAIN = 1 << 0,
	IN_EVENTS = 1 << 1,
	IN_HTTP = 1 << 2,
	IN_SERVER = 1 << 3,
	IN_LOCATION = 1 << 4,
	IN_SERVER_IF = 1 << 5,
	IN_LOCATION_IF = 1 << 6,
	IN_LIMIT_EXCEPT = 1 << 7,
	IN_UPSTREAM = 1 << 8,
	IN_PACKET = 1 << 9,
	IN_HTTP_ALL = IN_HTTP | IN_SERVER | IN_LOCATION,

	ARGS_0 = 1 << 16,
	ARGS_1 = 1 << 17,
	ARGS_2 = 1 << 18,
	ARGS_3 = 1 << 19,
	ARGS_4 = 1 << 20,
	ARGS_5 = 1 << 21,
	ARGS_6 = 1 << 22,
	ARGS_7 = 1 << 23,
	ARGS_1_2 = ARGS_1 | ARGS_2,
	ARGS_1_MORE = 1 << 24,
	ARGS_2_MORE = 1 << 25,
	ARGS_ANY = 1 << 26,
	BLOCK = 1 << 27, /* the directive has a block { ... } */
};

/* The section to which a directive writes. */
enum level {
	LEVEL_MAIN, /* outside of all blocks; for http modules: in http {} */
	LEVEL_SERVER,
	LEVEL_LOCATION,
	LEVELS
};

/* The sections of the blocks around one line of the file: sections[level][module index]. */
struct scope {
	void **sections[LEVELS];
	void *owner; /* the object that the block makes: a server, a location */
};

struct conf;
struct directive;
struct logfile;
struct listening;
struct temp_path;
struct zones;
struct thread_pools;
struct board_number;

/* The type of the member that a directive sets; conf_inherit needs the type. SETTING of
 * conf/value.h finds it. */
enum setting_type { SETTING_NONE, SETTING_INT, SETTING_INT64, SETTING_STR, SETTING_POINTER };

struct directive {
	const char *name;
	uint32_t where;
	int (*set)(struct conf *cf, const struct directive *d, void *section);
	enum level level;
	size_t at; /* offsetof the member, for the setters of conf/value.h */
	enum setting_type type;
	int64_t otherwise; /* the value of the member when no block sets it */
	/* data for the setter, for example the names of an enum, or a range */
	const void *extra;
};

enum module_kind { MODULE_CORE, MODULE_HTTP, MODULE_PACKET };

struct module {
	const char *name;
	enum module_kind kind;
	const struct directive *directives; /* the last directive of the table has no name */
	/* the hooks of a module of this kind, for example struct http_hooks */
	const void *hooks;
	/* `create` makes the section for directives outside of http {}. `finish` is called when
	 * all files are read, and checks the section. */
	void *(*create)(struct conf *cf);
	int (*finish)(struct conf *cf, void *section);
	/* These are called with this section, in a process that serves clients. */
	int (*start)(void *section);    /* before the first event; -1 ends the process */
	void (*leave)(void *section);   /* start no new work, finish the work that has begun */
	bool (*is_busy)(void *section); /* returns true while some work is not finished */
	void (*stop)(void *section);    /* after the last event */
	/* These are for work that is not part of serving clients. This work is done in the
	 * helper process of the master, or in the process that serves without a master. */
	bool (*needs_helper)(void *section);
	int (*start_helper)(void *section); /* before the first event; -1 ends the process */
	void (*stop_helper)(void *section); /* after the last event */
	/* the numbers that the module counts, or NULL; see event/board.h */
	struct board_number *numbers;
	/* the module's context of a request is kept when the request is redirected */
	bool keeps_context;
	/* the index of the module in the table, set at the start of the process */
	uint32_t index;
};

struct conf {
	struct pool *pool;             /* lives as long as this configuration */
	struct module *const *modules; /* ends with NULL */
	uint32_t module_count;
	bool *asked; /* asked[i] is true if a directive of module i has been read */

	struct str prefix; /* ends with "/"; relative paths are relative to this folder */
	/* the folder of the main file; ends with "/"; the paths of `include` are relative to
	 * this folder */
	struct str folder;

	/* where the parser is */
	struct str file;
	int line;
	struct lexer *lexer;
	int include_depth;
	uint32_t context; /* IN_* */
	struct scope *scope;
	struct str *args; /* args[0] is the name of the directive */
	uint32_t arg_count;
	bool arg_quoted; /* the last argument was in quotes */

	/* Called for each line in a block whose lines are not directives (types, map). NULL
	 * means that the lines are directives. */
	int (*on_entry)(struct conf *cf, void *data);
	void *entry_data;

	void (*on_error)(const char *message);
	/* for -T: called for each file that is read; may be NULL */
	void (*on_file)(struct str path, struct str text);
	bool testing; /* -t: only test the configuration; create and change nothing */
	/* the sockets that are open already; -1 replaces a socket that this configuration uses
	 * now */
	int *inherited;
	size_t inherited_count;
	/* all log files that were named so far; see conf/logfile.h */
	struct logfile **logfiles;
	/* all addresses that were named so far; see conf/listening.h */
	struct listening **listening;
	/* all folders for temporary files that were named so far; see conf/temp_path.h */
	struct temp_path **temp_paths;
	struct zones *zones; /* all pieces of shared memory; see conf/zone.h */
	/* all thread pools that were named so far; see conf/thread_pools.h */
	struct thread_pools *thread_pools;
	/* the http {} that is being read; see http/site/http.h */
	void *http;
};

int conf_read_file(struct conf *cf, struct str path);
int conf_read_text(struct conf *cf, const char *name, struct str text);

/* Reads the rest of the block whose "{" was just read. */
int conf_block(struct conf *cf, uint32_t context, struct scope *scope);
int conf_entries(struct conf *cf, int (*on_entry)(struct conf *cf, void *data), void *data);

int conf_fail(struct conf *cf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void conf_warn(struct conf *cf, const char *format, ...) __attribute__((format(printf, 2, 3)));
int conf_no_memory(struct conf *cf);

/* Returns the path with a NUL at its end. If the path is relative, the prefix is put in front
 * of it. */
struct str conf_path(struct conf *cf, struct str path);

/* `include` is the only directive of the parser itself. */
extern const struct directive conf_include;

#endif
