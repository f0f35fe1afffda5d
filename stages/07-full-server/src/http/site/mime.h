/*
 * mime: finds the type of a file by the extension of its name.
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

/* Returns the part behind the last dot of the last segment, or an empty text if there is no
 * dot. The dot of a name like ".profile" does not count. */
struct str mime_extension(struct str path);

/* Returns the type for the extension, or `otherwise` if the extension is not in the table. */
struct str mime_type(const struct mime_types *types, struct str extension, struct str otherwise);

/* This setter reads a list of types, such as "gzip_types text/css text/plain;". The member is a
 * `struct pool_list *`. "*" stands for all types. */
int mime_set_list(struct conf *cf, const struct directive *d, void *section);
/* Returns true if `type` is in the list, or is text/html. The function does not compare the
 * parameters of the type. */
bool mime_is_in(const struct pool_list *types, struct str type);

#endif
