/*
 * variable: the variables of the configuration ($host, $uri, ...) and how their values are
 * computed.
 *
 * A variable has an index if the configuration mentions it or if its value does not change. A
 * request stores the values that it has computed by index. A value is computed when it is
 * needed for the first time. A family like $http_NAME is registered by its prefix; each name of
 * the family that the configuration mentions becomes a variable.
 */
#ifndef HTTP_VARIABLE_H
#define HTTP_VARIABLE_H

#include "base/hash.h"
#include "http/site/http.h"

enum { NO_INDEX = -1 };

/* `get` writes the value to *value. It returns false if the variable has no value. */
struct variable {
	struct hash_node node; /* the key is the name without "$" */
	bool (*get)(struct request *r, const struct variable *v, struct str *value);
	/* Called by `set $name`. If this is NULL, a variable of a module cannot be set; for
	 * any other variable, `set` stores the value. */
	int (*set)(struct request *r, struct str value);
	/* the part of the name behind the prefix of the family; empty if there is no family */
	struct str name;
	uintptr_t data;  /* for a getter that serves several names */
	bool changes;    /* the value is computed at each use */
	int index;       /* NO_INDEX means that the value is only asked for by name */
	bool defined;    /* a module or the configuration has defined the variable */
	bool configured; /* the configuration has defined the variable, and may define it again */
	struct str file; /* the line that mentions the name first */
	int line;
};

/* A row of a table of variables. The last row has no name. A name like "http_*" is a family. */
struct variable_spec {
	const char *name;
	bool (*get)(struct request *r, const struct variable *v, struct str *value);
	uintptr_t data;
	bool changes;
	int (*set)(struct request *r, struct str value);
};

/* Call variables_declare in hooks->declare. */
int variables_declare(struct conf *cf, const struct variable_spec *specs);

/*
 * Call variable_index while the configuration is read. The function returns the index of the
 * name, or -1 after conf_fail. A name may be used before it is defined. When the whole
 * configuration is read, variables_check refuses names that are not defined.
 */
int variable_index(struct conf *cf, struct str name);
int variables_check(struct conf *cf);

/* `set` calls variable_define, which creates the variable if it is new. `get` gives the value
 * until the first `set` of the request has run. */
int variable_define(struct conf *cf, struct str name,
		    bool (*get)(struct request *r, const struct variable *v, struct str *value));

/* `map` calls variable_compute. `get` with this `data` computes the value. If there are several
 * definitions, the last one counts. */
int variable_compute(struct conf *cf, struct str name,
		     bool (*get)(struct request *r, const struct variable *v, struct str *value),
		     uintptr_t data, bool changes);

/* These functions find a variable. The functions with a name return NULL if no variable has
 * it. */
struct variable *variable_at(const struct http *http, int index);
struct variable *variable_find(const struct http *http, struct str name);
const struct variable *variable_family(const struct http *http, struct str name);

#endif
