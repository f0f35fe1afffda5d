/*
 * hop: header lines that concern only one connection (RFC 9110, 7.6.1). A proxy must not pass
 * them on. There is a fixed list of such lines, and Connection can name more of them.
 */
#ifndef PROXY_HOP_H
#define PROXY_HOP_H

#include "http/message/header.h"

enum { HOP_NAMES_MAX = 32 };

/* The names in the Connection lines of a message, without "close", "keep-alive" and the names
 * of the fixed list. */
struct hop {
	struct str names[HOP_NAMES_MAX];
	size_t count;
};

/* Returns false when Connection contains more than HOP_NAMES_MAX names. No honest message has
 * so many. */
bool hop_collect(struct hop *hop, const struct header_list *list);

/* Returns true when this line must not be passed on. */
bool hop_ends_here(const struct hop *hop, struct str name);

#endif
