/*
 * file_rules: what a location says about files: how they are read, what is said of them.
 */
#ifndef HTTP_FILE_RULES_H
#define HTTP_FILE_RULES_H

#include "http/request/request.h"

struct named_pool;

struct file_rules {
	int aio;                     /* files are read by threads when they are not in memory: */
	struct named_pool *aio_pool; /* of this pool; NULL: aio is off */
	int sendfile;
	int64_t directio; /* files of this size or larger; INT64_MAX: never */
	int etag, log_not_found;
};

extern struct module file_rules_module;

static inline const struct file_rules *file_rules(const struct request *r)
{
	return request_section(r, LEVEL_LOCATION, &file_rules_module);
}

#endif
