#include "conf/value.h"

struct unit {
	const char *name;
	int64_t factor;
};

static const struct unit size_units[] = {{"k", 1 << 10}, {"m", 1 << 20}, {NULL, 0}};
static const struct unit offset_units[] = {
    {"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30}, {NULL, 0}};

/* from the largest to the smallest: a time has to name them in this order */
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

/* The first unit with this name; the search begins at `units`. Without a name the unit is the
 * second. */
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
