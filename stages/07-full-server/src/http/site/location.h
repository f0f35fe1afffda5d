/*
 * location: finds the location for a URI.
 *
 * At each level of nesting, an exact location ends the search. Otherwise the search remembers
 * the longest prefix, and goes on in the level inside this prefix. Then the patterns are tried,
 * in the order of the file, the innermost level first. If the remembered prefix of a level has
 * ^~, the search does not try the patterns of this level. If no pattern matches, the remembered
 * prefix is the result.
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
	/* `if` and limit_except: a module enters such a location; the search by URI never finds
	 * it */
	LOCATION_IMPLICIT,
};

struct prefix { /* one name; the array is sorted by name */
	struct str name;
	/* the exact and the prefix location with this name; at least one is not NULL */
	struct location *exact, *prefix;
	/* index of the longest other name that is a prefix of this name; -1 if there is none */
	int shorter;
};

struct location_set {
	struct pool_list all;    /* struct location *, in the order of the file */
	struct prefix *prefixes; /* sorted by name; locations_index sets `shorter` */
	uint32_t prefix_count;
	struct location **patterns;
	uint32_t pattern_count;
};

struct location {
	struct str name;
	enum location_kind kind;
	struct pattern *pattern;
	void **sections;            /* the sections of the location, by module index */
	struct core_location *core; /* the section of the core, which is one of `sections` */
	/* the location that contains this one; NULL if only the server does */
	struct location *around;
	struct location_set inside;
};

struct core_location;

/* Creates a location with its sections and adds it to `set`. Afterwards call conf_block with
 * `scope` to read the block. Returns NULL after conf_fail. */
struct location *location_open(struct conf *cf, struct location_set *set, struct location *around,
			       enum location_kind kind, struct str name, struct scope *scope);

/* Call locations_index when all locations are read. It sorts the names for the search. */
int locations_index(struct conf *cf, struct location_set *set);

struct found {
	/* NULL means that no location matches, and that the sections of the server are used */
	struct location *location;
	struct str captures[10];
	size_t capture_count;
	bool failed; /* there was no memory to test a pattern, so the result is not valid */
};

void location_find(const struct location_set *set, struct str uri, struct found *found);
struct location *location_find_named(const struct location_set *set, struct str name);

#endif
