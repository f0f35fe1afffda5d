/*
 * header: names and values of header lines, in the order they came.
 *
 * The headers that the server itself looks at have an id, so that asking for
 * one is an index and not a search.
 */
#ifndef HTTP_HEADER_H
#define HTTP_HEADER_H

#include "base/str.h"
#include "mem/pool.h"

enum header_id {
	HEADER_OTHER,
	HEADER_HOST,
	HEADER_CONNECTION,
	HEADER_CONTENT_LENGTH,
	HEADER_TRANSFER_ENCODING,
	HEADER_CONTENT_TYPE,
	HEADER_EXPECT,
	HEADER_RANGE,
	HEADER_IF_RANGE,
	HEADER_IF_MODIFIED_SINCE,
	HEADER_IF_UNMODIFIED_SINCE,
	HEADER_IF_NONE_MATCH,
	HEADER_IF_MATCH,
	HEADER_ACCEPT_ENCODING,
	HEADER_AUTHORIZATION,
	HEADER_COOKIE,
	HEADER_USER_AGENT,
	HEADER_REFERER,
	HEADER_X_FORWARDED_FOR,
	HEADER_UPGRADE,
	HEADER_VIA,
	HEADER_IDS
};

struct header {
	struct str name, value;
	enum header_id id;
};

struct header_list {
	struct pool_list lines; /* struct header */
};

/* The id of a name, and whether a second line with it is an error. */
enum header_id header_identify(struct str name);
bool header_is_single(enum header_id id);

/* NULL: no memory. The bytes must live as long as the list. */
struct header *header_add(struct pool *p, struct header_list *list, struct str name, struct str value);

static inline struct header *header_at(const struct header_list *list, size_t i)
{
	return &((struct header *)list->lines.items)[i];
}

/* The first line of that name, or NULL; `nth` skips that many. */
struct header *header_find(const struct header_list *list, struct str name, size_t nth);
void header_remove(struct header_list *list, struct str name);

/*
 * All the values of a name, joined by `separator` where there are several;
 * "_" in `name` stands for "-", as variables write it. False: there is none.
 */
bool header_join(struct pool *p, const struct header_list *list, struct str name,
		 struct str separator, struct str *value);

#endif
