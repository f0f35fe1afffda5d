/*
 * location: finds the location for a URI.
 *
 * In each level, an exact location ends the search. Otherwise the longest prefix is remembered,
 * and the level inside it is searched, too. Then the patterns are tried, in the order of the
 * file, the innermost level first. A level whose remembered prefix has ^~ tries no patterns. If
 * no pattern matches, the remembered prefix is the result.
 */
#ifndef HTTP_LOCATION_H
#define HTTP_LOCATION_H

#include "base/pattern.h"
#include "http/site/http.h"

enum location_kind {
	LOCATION_PREFIX,
	LOCATION_PREFIX_FINAL, /* ^~ */
	LOCATION_EXACT,        /* = */
	LOCATION_PATTERN,      /* ~ ~* */
	LOCATION_NAMED,        /* @name */
	LOCATION_IMPLICIT,     /* if, limit_except: entered by a module, never found by URI */
};

struct prefix { /* its index among the sorted names */
	struct str name;
	struct location *exact, *prefix; /* the locations with this name; at most one is NULL */
	int shorter; /* the longest other name that is a prefix of this one; -1: none */
};

struct location_set {
	struct pool_list all;    /* struct location *, in the order of the file */
	struct prefix *prefixes; /* sorted; locations_index fills in `shorter` */
	uint32_t prefix_count;
	struct location **patterns;
	uint32_t pattern_count;
};

struct location {
	struct str name;
	enum location_kind kind;
	struct pattern *pattern;
	void **sections;            /* its sections, by module index */
	struct core_location *core; /* one of them */
	struct location *around;    /* NULL: directly in the server */
	struct location_set inside;
};

struct core_location;

/*
 * Opens a block: makes the location with its sections and adds it to `set`. Then conf_block
 * with `scope` reads the block. NULL after conf_fail.
 */
struct location *location_open(struct conf *cf, struct location_set *set, struct location *around,
			       enum location_kind kind, struct str name, struct scope *scope);

/* Call it when all locations are read: it makes the set searchable. */
int locations_index(struct conf *cf, struct location_set *set);

struct found {
	/* NULL: no location matches, so the server's own sections are used */
	struct location *location;
	struct str captures[10];
	size_t capture_count;
	bool failed; /* there was no memory to test a pattern */
};

void location_find(const struct location_set *set, struct str uri, struct found *found);
struct location *location_find_named(const struct location_set *set, struct str name);

#endif
