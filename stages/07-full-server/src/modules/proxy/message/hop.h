/*
 * hop: header lines that concern one connection only (RFC 9110, 7.6.1). A proxy passes none of
 * them on, neither the usual ones nor those that Connection names.
 */
#ifndef PROXY_HOP_H
#define PROXY_HOP_H

#include "http/message/header.h"

enum { HOP_NAMES_MAX = 32 };

/* What the Connection lines of a message name, except "close" and "keep-alive". */
struct hop {
	struct str names[HOP_NAMES_MAX];
	size_t count;
};

/* False: it names more lines than any honest message does. */
bool hop_collect(struct hop *hop, const struct header_list *list);

/* True: this line is not passed on. */
bool hop_ends_here(const struct hop *hop, struct str name);

#endif
