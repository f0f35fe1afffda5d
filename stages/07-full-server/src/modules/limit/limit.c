#include "modules/limit/limit.h"

#include <string.h>

const struct conf_name limit_log_levels[] = {{"info", LOG_INFO},
					     {"notice", LOG_NOTICE},
					     {"warn", LOG_WARN},
					     {"error", LOG_ERROR},
					     {NULL, 0}};

const struct conf_range limit_statuses = {400, 599};

/* The first member of each limit is a pointer to its zone. The other members belong to the
 * module. */
static struct limit_zone *zone_of(const void *limit)
{
	return *(struct limit_zone *const *)limit;
}

static bool has_zone(const struct pool_list *limits, const struct limit_zone *z, size_t size)
{
	for (size_t i = 0; i < limits->count; i++)
		if (zone_of((const char *)limits->items + i * size) == z)
			return true;
	return false;
}

int limit_rules_add(struct conf *cf, struct limit_rules *rules, const void *limit, size_t size)
{
	void *place;

	if (rules->limits == NULL)
		rules->limits = pool_zalloc(cf->pool, sizeof(*rules->limits));
	if (rules->limits == NULL)
		return conf_no_memory(cf);
	if (has_zone(rules->limits, zone_of(limit), size))
		return conf_duplicate(cf);
	place = pool_list_add(cf->pool, rules->limits, size);
	if (place == NULL)
		return conf_no_memory(cf);
	memcpy(place, limit, size);
	return 0;
}

void limit_decide(struct request *r, const struct module *m, const char *result)
{
	/* if this fails, the pool has no memory and the request is refused */
	request_set_context(r, m, (void *)result);
}

bool limit_result(const struct request *r, const struct module *m, struct str *value)
{
	const char *result = request_context(r->main, m);

	if (result != NULL)
		*value = str_from(result);
	return result != NULL;
}

enum phase_result limit_reject(struct request *r, const struct module *m,
			       const struct limit_rules *rules)
{
	limit_decide(r, m, rules->dry_run ? "REJECTED_DRY_RUN" : "REJECTED");
	return rules->dry_run ? PHASE_NEXT : request_refuse(r, (int)rules->status);
}
