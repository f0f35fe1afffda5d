/*
 * conf: reading a configuration.
 *
 * Every module brings a table of directives. A directive names the blocks it is allowed in,
 * how many arguments it takes, and the function that stores it. The parser finds the
 * directive, checks both, finds the section (the module's struct for that block) and calls the
 * function.
 *
 * A block opens new sections: `http {` one for each http module, `server {`
 * and `location {` likewise. The function of a block directive makes them,
 * then calls conf_block to have the inside read.
 *
 * What is wrong is reported as "file:line: message"; functions that fail
 * return -1 after conf_fail has said why.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include "base/str.h"
#include "conf/lexer.h"
#include "mem/pool.h"

/* The blocks a directive is allowed in, and its number of arguments: combine them with |. */
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
	BLOCK = 1 << 27, /* takes { ... } */
};

/* The section to which a directive writes. */
enum level {
	LEVEL_MAIN, /* the outermost block: for http modules it is http {} */
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

/* How the member that a directive sets is inherited. SETTING of conf/value.h finds it out. */
enum setting_type { SETTING_NONE, SETTING_INT, SETTING_INT64, SETTING_STR, SETTING_POINTER };

struct directive {
	const char *name;
	uint32_t where;
	int (*set)(struct conf *cf, const struct directive *d, void *section);
	enum level level;
	size_t at; /* offsetof the member, for the setters of conf/value.h */
	enum setting_type type;
	int64_t otherwise; /* the member's value when no block sets it */
	const void *extra; /* what a setter needs to know: names of an enum, a range */
};

enum module_kind { MODULE_CORE, MODULE_HTTP, MODULE_PACKET };

struct module {
	const char *name;
	enum module_kind kind;
	const struct directive *directives; /* the last one has no name */
	/* the hooks of a module of this kind, for example struct http_hooks */
	const void *hooks;
	/* Create the section for directives outside of http {}; check it when all files are read. */
	void *(*create)(struct conf *cf);
	int (*finish)(struct conf *cf, void *section);
	/* Called with that section, in a process that serves clients. */
	int (*start)(void *section);    /* before the first event; -1 ends the process */
	void (*leave)(void *section);   /* begin nothing new, finish what was begun */
	bool (*is_busy)(void *section); /* something is not finished yet */
	void (*stop)(void *section);    /* after the last event */
	/* Work beside serving clients. It is done in the helper process of the master, or in the
	 * process that serves without a master. */
	bool (*needs_helper)(void *section);
	int (*start_helper)(void *section); /* before the first event; -1 ends the process */
	void (*stop_helper)(void *section); /* after the last event */
	struct board_number *numbers; /* the numbers that it counts, event/board.h; NULL: none */
	bool keeps_context; /* its context of a request stays when the request is redirected */
	uint32_t index;     /* its place in the table, set at the start */
};

struct conf {
	struct pool *pool;             /* lives as long as this configuration */
	struct module *const *modules; /* ends with NULL */
	uint32_t module_count;
	bool *asked; /* asked[i]: a directive of module i has been read */

	struct str prefix; /* ends with "/"; relative paths begin here */
	/* the folder of the main file, ends with "/"; relative includes begin here */
	struct str folder;

	/* where the parser is */
	struct str file;
	int line;
	struct lexer *lexer;
	int include_depth;
	uint32_t context; /* IN_* */
	struct scope *scope;
	struct str *args; /* args[0] is the name */
	uint32_t arg_count;
	bool arg_quoted; /* the last argument was in quotes */

	/* Called for each line in a block of free lines (types, map). NULL: the lines are
	 * directives. */
	int (*on_entry)(struct conf *cf, void *data);
	void *entry_data;

	void (*on_error)(const char *message);
	/* called for each file that is read, for -T; may be NULL */
	void (*on_file)(struct str path, struct str text);
	bool testing; /* -t: only test the configuration; create and change nothing */
	/* the sockets that are open already; -1: this configuration uses it now */
	int *inherited;
	size_t inherited_count;
	struct logfile **logfiles;    /* every log file that is named so far, conf/logfile.h */
	struct listening **listening; /* conf/listening.h: likewise */
	/* every such folder that is named so far, conf/temp_path.h */
	struct temp_path **temp_paths;
	struct zones *zones; /* the pieces of shared memory, conf/zone.h */
	struct thread_pools *thread_pools; /* all that are named so far, conf/thread_pools.h */
	void *http;                        /* the http {} that is being read, http/site/http.h */
};

int conf_read_file(struct conf *cf, struct str path);
int conf_read_text(struct conf *cf, const char *name, struct str text);

/* Reads the rest of the block whose "{" was just read. */
int conf_block(struct conf *cf, uint32_t context, struct scope *scope);
int conf_entries(struct conf *cf, int (*on_entry)(struct conf *cf, void *data), void *data);

int conf_fail(struct conf *cf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void conf_warn(struct conf *cf, const char *format, ...) __attribute__((format(printf, 2, 3)));
int conf_no_memory(struct conf *cf);

/* The path with a NUL behind it. A relative path gets the prefix in front. */
struct str conf_path(struct conf *cf, struct str path);

/* the only directive that belongs to the parser itself */
extern const struct directive conf_include;

#endif
