/*
 * variable: $names and what they stand for.
 *
 * Every variable that the configuration mentions has an index, and every one whose value does not
 * change; a request keeps the values it has computed by index. Values are computed when they are first
 * asked for. A family like $http_NAME is registered by its prefix and makes a
 * variable for each name that is mentioned.
 */
#ifndef HTTP_VARIABLE_H
#define HTTP_VARIABLE_H

#include "base/hash.h"
#include "http/site/http.h"

enum { NO_INDEX = -1 };

/* A getter returns the value; false: there is none. `name`: what follows the prefix of a
 * family. */
struct variable {
	struct hash_node node; /* key: the name without "$" */
	bool (*get)(struct request *r, const struct variable *v, struct str *value);
	int (*set)(struct request *r, struct str value); /* for `set $name`; NULL: not allowed */
	struct str name; /* a member of a family: the part behind the prefix */
	uintptr_t data;  /* for getters that serve several names */
	bool changes;    /* computed every time */
	int index;       /* NO_INDEX: it is only asked for by name */
	bool defined;    /* by a module, or by the configuration ... */
	bool configured; /* ... which may then define it again */
	struct str file; /* the line that mentions it first */
	int line;
};

/* For tables of variables. The last entry has no name; "http_*" is a family. */
struct variable_spec {
	const char *name;
	bool (*get)(struct request *r, const struct variable *v, struct str *value);
	uintptr_t data;
	bool changes;
	int (*set)(struct request *r, struct str value);
};

int variables_declare(struct conf *cf, const struct variable_spec *specs); /* for hooks->declare */

/*
 * While reading the configuration: the index of a name; -1 after conf_fail. A
 * name may be mentioned before it is defined; variables_check is for the end.
 */
int variable_index(struct conf *cf, struct str name);
int variables_check(struct conf *cf);

/* For `set`: makes the variable if it is new. `get` is used until `set` has run. */
int variable_define(struct conf *cf, struct str name,
		    bool (*get)(struct request *r, const struct variable *v, struct str *value));

/* For `map`: the value is that of `get` with this `data`. The last definition counts. */
int variable_compute(struct conf *cf, struct str name,
		     bool (*get)(struct request *r, const struct variable *v, struct str *value),
		     uintptr_t data, bool changes);

/* For code that asks for values. */
struct variable *variable_at(const struct http *http, int index);
/* NULL: there is none with this name */
struct variable *variable_find(const struct http *http, struct str name);
const struct variable *variable_family(const struct http *http, struct str name); /* likewise */

#endif
