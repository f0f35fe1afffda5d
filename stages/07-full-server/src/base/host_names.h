/*
 * host_names: a table that finds the object for the name of a host. A name in the table may
 * begin or end with "*". For a host, the names are tried in this order:
 *
 *     example.org                       the name itself
 *     *.example.org                     the longest such name that fits the end of the host
 *     www.example.*                     the longest such name that fits the start of the host
 *
 * The caller adds ".example.org" as two names: "example.org" and "*.example.org". Names and
 * hosts must be in lower case.
 */
#ifndef BASE_HOST_NAMES_H
#define BASE_HOST_NAMES_H

#include "base/hash.h"

struct host_names {
	struct hash exact, tails, heads;
};

void host_names_fini(struct host_names *n); /* like hash_fini, does not free the nodes */

/* Returns the table to which the name belongs. *key becomes the name without its "*." or ".*". */
struct hash *host_names_table(struct host_names *n, struct str name, struct str *key);

struct hash_node *host_names_find(const struct host_names *n, struct str host);

#endif
