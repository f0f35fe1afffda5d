#include "conf/value.h"

struct unit {
	const char *name;
	int64_t factor;
};

static const struct unit size_units[] = {{"k", 1 << 10}, {"m", 1 << 20}, {NULL, 0}};
static const struct unit offset_units[] = {
    {"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30}, {NULL, 0}};

/* from the largest to the smallest: the units of a time must be in this order */
static const struct unit time_units[] = {{"y", 365LL * 86400000},
					 {"M", 30LL * 86400000},
					 {"w", 7LL * 86400000},
					 {"d", 86400000},
					 {"h", 3600000},
					 {"m", 60000},
					 {"s", 1000},
					 {"ms", 1},
					 {NULL, 0}};

static bool scale(int64_t number, int64_t factor, int64_t *result)
{
	return number >= 0 && !__builtin_mul_overflow(number, factor, result);
}

static bool parse_with_unit(struct str text, const struct unit *units, int64_t *result)
{
	for (; units->name != NULL && text.len > 1; units++)
		if (char_lower(text.data[text.len - 1]) == units->name[0])
			return scale(str_to_number((struct str){text.data, text.len - 1}),
				     units->factor, result);
	return scale(str_to_number(text), 1, result);
}

bool parse_size(struct str text, int64_t *bytes)
{
	return parse_with_unit(text, size_units, bytes);
}

bool parse_offset(struct str text, int64_t *bytes)
{
	return parse_with_unit(text, offset_units, bytes);
}

static struct str take_while(struct str *text, bool digits)
{
	const char *from = text->data;

	while (text->len > 0 && text->data[0] != ' ' && char_is_digit(text->data[0]) == digits) {
		text->data++;
		text->len--;
	}
	return str_between(from, text->data);
}

/* Returns the first unit with this name; the search begins at `units`. If the name is empty,
 * the unit is "s" (seconds). */
static const struct unit *find_unit(const struct unit *units, struct str name)
{
	if (name.len == 0)
		name = STR("s");
	for (; units->name != NULL; units++)
		if (str_equal(name, str_from(units->name)))
			return units;
	return NULL;
}

bool parse_ms(struct str text, int64_t *ms)
{
	const struct unit *allowed = time_units;

	*ms = 0;
	if (text.len == 0)
		return false;
	while (text.len > 0) {
		struct str digits = take_while(&text, true);
		struct str name = take_while(&text, false);
		const struct unit *unit = find_unit(allowed, name);
		int64_t part;

		if (unit == NULL || !scale(str_to_number(digits), unit->factor, &part) ||
		    __builtin_add_overflow(*ms, part, ms))
			return false;
		allowed = unit + 1;
		text = str_trim(text);
	}
	return true;
}

bool parse_seconds(struct str text, int64_t *seconds)
{
	int64_t ms;

	if (str_ends(text, STR("ms")) || !parse_ms(text, &ms))
		return false;
	*seconds = ms / 1000;
	return true;
}

int conf_duplicate(struct conf *cf)
{
	return conf_fail(cf, "\"%.*s\" directive is duplicate", STR_ARGS(cf->args[0]));
}

int conf_bad_value(struct conf *cf, struct str value)
{
	return conf_fail(cf, "invalid value \"%.*s\" in \"%.*s\" directive", STR_ARGS(value),
			 STR_ARGS(cf->args[0]));
}

bool conf_param(struct str arg, struct str name, struct str *value)
{
	if (!str_starts(arg, name))
		return false;
	*value = (struct str){arg.data + name.len, arg.len - name.len};
	return true;
}

int conf_bad_param(struct conf *cf, struct str arg)
{
	return conf_fail(cf, "invalid parameter \"%.*s\"", STR_ARGS(arg));
}

static void forget_pattern(void *data)
{
	pattern_fini(data);
}

struct pattern *conf_pattern(struct conf *cf, struct str source, bool ignore_case)
{
	struct pattern *p = pool_zalloc(cf->pool, sizeof(*p));
	struct pool_cleanup *c = p != NULL ? pool_cleanup_add(cf->pool, p) : NULL;
	const char *problem;

	if (c == NULL) {
		conf_no_memory(cf);
		return NULL;
	}
	problem = pattern_compile(p, source.data, ignore_case);
	if (problem != NULL) {
		conf_fail(cf, "\"%s\": %s", source.data, problem);
		return NULL;
	}
	c->run = forget_pattern;
	return p;
}

static void *member(const struct directive *d, void *section)
{
	return (char *)section + d->at;
}

void conf_unset(const struct directive *rows, enum level level, void *section)
{
	for (const struct directive *d = rows; d != NULL && d->name != NULL; d++) {
		if (d->level == level && d->type == SETTING_INT)
			*(int *)member(d, section) = CONF_UNSET;
		if (d->level == level && d->type == SETTING_INT64)
			*(int64_t *)member(d, section) = CONF_UNSET;
	}
}

void *conf_section(struct conf *cf, const struct directive *rows, enum level level, size_t size)
{
	void *section = pool_zalloc(cf->pool, size);

	if (section == NULL)
		conf_no_memory(cf);
	else
		conf_unset(rows, level, section);
	return section;
}

static bool is_unset(const struct directive *d, const void *value)
{
	switch (d->type) {
	case SETTING_INT:
		return *(const int *)value == CONF_UNSET;
	case SETTING_INT64:
		return *(const int64_t *)value == CONF_UNSET;
	case SETTING_STR:
		return ((const struct str *)value)->data == NULL;
	case SETTING_POINTER:
		return *(void *const *)value == NULL;
	case SETTING_NONE:
		break;
	}
	return false;
}

static void copy(const struct directive *d, void *to, const void *from)
{
	static const size_t sizes[] = {[SETTING_INT] = sizeof(int),
				       [SETTING_INT64] = sizeof(int64_t),
				       [SETTING_STR] = sizeof(struct str),
				       [SETTING_POINTER] = sizeof(void *)};

	memcpy(to, from, sizes[d->type]);
}

static void set_default(const struct directive *d, void *value)
{
	if (d->type == SETTING_INT)
		*(int *)value = (int)d->otherwise;
	else if (d->type == SETTING_INT64)
		*(int64_t *)value = d->otherwise;
	else if (d->type == SETTING_STR)
		*(struct str *)value = d->extra != NULL ? str_from(d->extra) : STR_NONE;
}

void conf_inherit(const struct directive *rows, enum level level, void *inner, void *outer)
{
	for (const struct directive *d = rows; d != NULL && d->name != NULL; d++) {
		if (d->level != level || d->type == SETTING_NONE || !is_unset(d, member(d, inner)))
			continue;
		if (is_unset(d, member(d, outer)))
			set_default(d, member(d, inner));
		else
			copy(d, member(d, inner), member(d, outer));
	}
}

struct pool_list *conf_list(struct conf *cf, const struct directive *d, void *section)
{
	struct pool_list **list = member(d, section);

	if (*list == NULL)
		*list = pool_zalloc(cf->pool, sizeof(**list));
	if (*list == NULL)
		conf_no_memory(cf);
	return *list;
}

void *conf_list_add(struct conf *cf, const struct directive *d, void *section, size_t size)
{
	struct pool_list *list = conf_list(cf, d, section);
	void *entry = list != NULL ? pool_list_add(cf->pool, list, size) : NULL;

	if (list != NULL && entry == NULL)
		conf_no_memory(cf);
	return entry;
}

int conf_set_flag(struct conf *cf, const struct directive *d, void *section)
{
	int *flag = member(d, section);

	if (*flag != CONF_UNSET)
		return conf_duplicate(cf);
	if (str_equal_nocase(cf->args[1], STR("on")))
		*flag = 1;
	else if (str_equal_nocase(cf->args[1], STR("off")))
		*flag = 0;
	else
		return conf_fail(
		    cf, "invalid value \"%.*s\" in \"%s\" directive, it must be \"on\" or \"off\"",
		    STR_ARGS(cf->args[1]), d->name);
	return 0;
}

static int set_parsed(struct conf *cf, const struct directive *d, void *section,
		      bool (*parse)(struct str text, int64_t *value))
{
	int64_t *value = member(d, section);

	if (*value != CONF_UNSET)
		return conf_duplicate(cf);
	return parse(cf->args[1], value) ? 0 : conf_bad_value(cf, cf->args[1]);
}

static bool parse_number(struct str text, int64_t *value)
{
	*value = str_to_number(text);
	return *value >= 0;
}

int conf_set_number(struct conf *cf, const struct directive *d, void *section)
{
	const struct conf_range *range = d->extra;
	int64_t *value = member(d, section);

	if (set_parsed(cf, d, section, parse_number) < 0)
		return -1;
	if (range != NULL && (*value < range->least || *value > range->most))
		return conf_fail(cf, "\"%s\" must be between %lld and %lld", d->name,
				 (long long)range->least, (long long)range->most);
	return 0;
}

int conf_set_size(struct conf *cf, const struct directive *d, void *section)
{
	return set_parsed(cf, d, section, parse_size);
}

int conf_set_offset(struct conf *cf, const struct directive *d, void *section)
{
	return set_parsed(cf, d, section, parse_offset);
}

int conf_set_ms(struct conf *cf, const struct directive *d, void *section)
{
	return set_parsed(cf, d, section, parse_ms);
}

int conf_set_str(struct conf *cf, const struct directive *d, void *section)
{
	struct str *value = member(d, section);

	if (value->data != NULL)
		return conf_duplicate(cf);
	*value = cf->args[1];
	return 0;
}

static const struct conf_name *find_name(const struct conf_name *names, struct str name)
{
	for (; names->name != NULL; names++)
		if (str_equal_nocase(name, str_from(names->name)))
			return names;
	return NULL;
}

int conf_set_enum(struct conf *cf, const struct directive *d, void *section)
{
	const struct conf_name *found = find_name(d->extra, cf->args[1]);
	int *value = member(d, section);

	if (*value != CONF_UNSET)
		return conf_duplicate(cf);
	if (found == NULL)
		return conf_bad_value(cf, cf->args[1]);
	*value = found->value;
	return 0;
}

int conf_set_bits(struct conf *cf, const struct directive *d, void *section)
{
	int *value = member(d, section);

	if (*value != CONF_UNSET)
		return conf_duplicate(cf);
	*value = 0;
	for (uint32_t i = 1; i < cf->arg_count; i++) {
		const struct conf_name *found = find_name(d->extra, cf->args[i]);

		if (found == NULL)
			return conf_bad_value(cf, cf->args[i]);
		*value |= found->value;
	}
	return 0;
}
