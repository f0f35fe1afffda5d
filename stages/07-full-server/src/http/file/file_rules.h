/*
 * file_rules: the settings of a location for files: how they are read, and which header lines
 * and log lines they get.
 */
#ifndef HTTP_FILE_RULES_H
#define HTTP_FILE_RULES_H

#include "http/request/request.h"

struct named_pool;

struct file_rules {
	int aio;                     /* files are read by threads when they are not in memory: */
	struct named_pool *aio_pool; /* the pool whose threads read files; NULL: aio is off */
	int sendfile;
	/* bytes: files of this size or larger are read directly; INT64_MAX: none */
	int64_t directio;
	int etag, log_not_found;
};

extern struct module file_rules_module;

static inline const struct file_rules *file_rules(const struct request *r)
{
	return request_section(r, LEVEL_LOCATION, &file_rules_module);
}

#endif
