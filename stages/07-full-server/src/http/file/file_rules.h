/*
 * file_rules: the settings of a location for files. They say how files are read, and which
 * header lines and log lines are written.
 */
#ifndef HTTP_FILE_RULES_H
#define HTTP_FILE_RULES_H

#include "http/request/request.h"

struct named_pool;

struct file_rules {
	int aio; /* true if threads read the files that are not in the page cache */
	struct named_pool *aio_pool; /* the pool whose threads read files; NULL if aio is off */
	int sendfile;
	/* a file of this size (in bytes) or larger bypasses the page cache; INT64_MAX means
	 * that no file bypasses it */
	int64_t directio;
	int etag, log_not_found;
};

extern struct module file_rules_module;

static inline const struct file_rules *file_rules(const struct request *r)
{
	return request_section(r, LEVEL_LOCATION, &file_rules_module);
}

#endif
