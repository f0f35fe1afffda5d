/*
 * limit: the common part of limit_conn and limit_req: a list of limits for a location, the
 * answer for a rejected request, the log lines and the variables.
 */
#ifndef LIMIT_H
#define LIMIT_H

#include "http/request/request.h"
#include "modules/limit/limit_zone.h"

/* The section of a location. */
struct limit_rules {
	/* each begins with a struct limit_zone *; NULL: no limits here */
	struct pool_list *limits;
	int64_t status;
	int log_level, dry_run;
};

/* For struct http_hooks. */
void *limit_rules_create(struct conf *cf);
int limit_rules_merge(struct conf *cf, void *outer, void *inner);

/* Adds a copy of the limit to the list. -1 after conf_fail. */
int limit_rules_add(struct conf *cf, struct limit_rules *rules, const void *limit, size_t size);

extern const struct conf_name limit_log_levels[];
extern const struct conf_range limit_statuses;

#define LIMIT_VALUE(name, type, member, extra)                                                     \
	{                                                                                          \
		name, IN_HTTP_ALL | ARGS_1, conf_set_##type, LEVEL_LOCATION,                       \
		    offsetof(struct limit_rules, member), extra                                    \
	}
#define LIMIT_DIRECTIVES(name)                                                                     \
	LIMIT_VALUE(name "_status", number, status, &limit_statuses),                              \
	    LIMIT_VALUE(name "_log_level", enum, log_level, limit_log_levels),                     \
	    LIMIT_VALUE(name "_dry_run", flag, dry_run, NULL)

/* The result for a request. struct request keeps it for variables. */
enum limit_status {
	LIMIT_NOT_ASKED,
	LIMIT_PASSED,
	LIMIT_DELAYED,
	LIMIT_REJECTED,
	LIMIT_DELAYED_DRY_RUN,
	LIMIT_REJECTED_DRY_RUN,
};

bool limit_status_name(enum limit_status status, struct str *name);

/* A dry run: the result was logged, and the request goes on. */
enum phase_result limit_reject(struct request *r, const struct limit_rules *rules, uint8_t *status);

#endif
