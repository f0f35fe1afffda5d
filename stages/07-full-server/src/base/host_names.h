/*
 * host_names: finds the object that belongs to the name of a host. A name may
 * have a "*" in place of its first or last part. Names are tried in this order:
 *
 *     example.org                       the name itself
 *     *.example.org                     the longest name that it ends with
 *     www.example.*                     the longest name that it begins with
 *
 * ".example.org" is two names: "example.org" and "*.example.org". Names and
 * hosts are in lower case.
 */
#ifndef BASE_HOST_NAMES_H
#define BASE_HOST_NAMES_H

#include "base/hash.h"

struct host_names {
	struct hash exact, tails, heads;
};

void host_names_fini(struct host_names *n); /* forgets the nodes, as hash_fini does */

/* The table to which a name belongs. *key: the name without its "*." or ".*". */
struct hash *host_names_table(struct host_names *n, struct str name, struct str *key);

struct hash_node *host_names_find(const struct host_names *n, struct str host);

#endif
