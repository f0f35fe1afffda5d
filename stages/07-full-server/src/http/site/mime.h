/*
 * mime: the type of a file, by the extension of its name.
 */
#ifndef HTTP_MIME_H
#define HTTP_MIME_H

#include "base/hash.h"
#include "conf/conf.h"

struct mime_types {
	struct hash by_extension;
};

/* Reads the block types { text/html html htm; } */
int mime_set_types(struct conf *cf, const struct directive *d, void *section);
struct mime_types *mime_default(struct conf *cf);

/* What is behind the last dot of the last segment; empty: there is no dot. */
struct str mime_extension(struct str path);

/* `otherwise`: the type when the extension is not in the table. */
struct str mime_type(const struct mime_types *types, struct str extension, struct str otherwise);

/*
 * gzip_types text/css text/plain; for a member `struct pool_list *`. text/html
 * is always in it, and "*" stands for all types.
 */
int mime_set_list(struct conf *cf, const struct directive *d, void *section);
/* the type's parameters are not compared */
bool mime_is_in(const struct pool_list *types, struct str type);

#endif
