/*
 * limit: the common part of limit_conn and limit_req: the list of limits of a location, the
 * refusal of a request, and the variables.
 */
#ifndef LIMIT_H
#define LIMIT_H

#include "http/request/request.h"
#include "modules/limit/limit_zone.h"

/* The section of a location. */
struct limit_rules {
	/* each limit begins with a struct limit_zone *; NULL means that there are no limits */
	struct pool_list *limits;
	int64_t status;
	int log_level, dry_run;
};

/* Adds a copy of the limit to the list. Returns -1 after conf_fail. */
int limit_rules_add(struct conf *cf, struct limit_rules *rules, const void *limit, size_t size);

extern const struct conf_name limit_log_levels[];
extern const struct conf_range limit_statuses;

#define LIMIT_ROW(name, args, set, member, otherwise, extra_)                                      \
	{                                                                                          \
		name, IN_HTTP_ALL | (args), set, LEVEL_LOCATION,                                   \
		    SETTING(struct limit_rules, member, otherwise), .extra = extra_                \
	}
#define LIMIT_DIRECTIVES(name, args, set)                                                          \
	LIMIT_ROW(name, args, set, limits, 0, NULL),                                               \
	    LIMIT_ROW(name "_status", ARGS_1, conf_set_number, status, 503, &limit_statuses),      \
	    LIMIT_ROW(name "_log_level", ARGS_1, conf_set_enum, log_level, LOG_ERROR,              \
		      limit_log_levels),                                                           \
	    LIMIT_ROW(name "_dry_run", ARGS_1, conf_set_flag, dry_run, 0, NULL)

/*
 * The result for one request is the value of $limit_conn_status or $limit_req_status. The
 * result is stored as the module's context of the request, and stays there through redirects.
 * So a request is counted only once.
 */
static inline bool limit_is_decided(const struct request *r, const struct module *m)
{
	return request_context(r, m) != NULL;
}

void limit_decide(struct request *r, const struct module *m, const char *result);
bool limit_result(const struct request *r, const struct module *m, struct str *value);

/* Refuses the request. Called after the log line. In a dry run, the request continues. */
enum phase_result limit_reject(struct request *r, const struct module *m,
			       const struct limit_rules *rules);

#endif
