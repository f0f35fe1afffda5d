#include "http/site/template.h"

#include "conf/value.h"
#include "http/message/uri.h"

enum { TEXT = -1, CAPTURE = -2 }; /* CAPTURE - n: capture n */

static bool is_name_char(char c)
{
	char lower = char_lower(c);

	return (lower >= 'a' && lower <= 'z') || char_is_digit(c) || c == '_';
}

static int add_part(struct conf *cf, struct template *t, struct str text, int variable)
{
	struct template_part *part;

	if (variable == TEXT && text.len == 0)
		return 0;
	part = pool_list_add(cf->pool, &t->parts, sizeof(*part));
	if (part == NULL)
		return conf_no_memory(cf);
	*part = (struct template_part){text, variable};
	return 0;
}

/* At the character behind "$"; *at moves behind the name. "$1x" is capture 1 and an "x". */
static bool take_name(const char **at, const char *end, struct str *name)
{
	bool braces = *at < end && **at == '{';
	const char *from = *at + braces, *to = from;

	if (!braces && to < end && char_is_digit(*to)) {
		*name = (struct str){to, 1};
		*at = to + 1;
		return true;
	}
	while (to < end && is_name_char(*to))
		to++;
	*name = str_between(from, to);
	if (braces && (to == end || *to != '}'))
		return false;
	*at = to + braces;
	return name->len > 0;
}

static int add_variable(struct conf *cf, struct template *t, struct str name)
{
	int index;

	if (name.len == 1 && char_is_digit(name.data[0]))
		return add_part(cf, t, STR_NONE, CAPTURE - (name.data[0] - '0'));
	index = variable_index(cf, name);
	return index < 0 ? -1 : add_part(cf, t, STR_NONE, index);
}

struct template *template_compile(struct conf *cf, struct str source)
{
	struct template *t = pool_zalloc(cf->pool, sizeof(*t));
	const char *at = source.data, *end = at + source.len, *text = at;

	if (t == NULL) {
		conf_no_memory(cf);
		return NULL;
	}
	t->source = source;
	while (at < end) {
		struct str name;

		if (*at != '$') {
			at++;
			continue;
		}
		if (add_part(cf, t, str_between(text, at), TEXT) < 0)
			return NULL;
		at++;
		if (!take_name(&at, end, &name)) {
			/* "$" at the end of a pattern-like text, or alone: nginx refuses it, too */
			conf_fail(cf, "invalid variable name in \"%.*s\"", STR_ARGS(source));
			return NULL;
		}
		if (add_variable(cf, t, name) < 0)
			return NULL;
		text = at;
	}
	t->fixed = t->parts.count == 0;
	return add_part(cf, t, str_between(text, at), TEXT) < 0 ? NULL : t;
}

bool template_part_value(struct request *r, const struct template_part *part, struct str *value)
{
	uint32_t capture;

	*value = part->text;
	if (part->variable >= 0)
		return variable_get(r, part->variable, value);
	if (part->variable == TEXT)
		return true;
	capture = (uint32_t)(CAPTURE - part->variable);
	*value = capture < r->capture_count ? r->captures[capture] : STR_NONE;
	return capture < r->capture_count;
}

static struct str part_value(struct request *r, const struct template_part *part)
{
	struct str value;

	template_part_value(r, part, &value);
	return value;
}

/* Captures are pieces of a decoded URI: in a query or a Location they are encoded again. */
static bool is_quoted(const struct template_part *part, const enum uri_part *quote)
{
	return quote != NULL && part->variable <= CAPTURE;
}

static int eval(struct request *r, const struct template *t, const enum uri_part *quote,
		struct str *value)
{
	const struct template_part *parts = t->parts.items;
	size_t size = 0;
	char *text, *to;

	if (t->fixed) {
		*value = t->source;
		return 0;
	}
	/* first the size: most values are kept then, so the second time costs little */
	for (size_t i = 0; i < t->parts.count; i++)
		size += part_value(r, &parts[i]).len * (is_quoted(&parts[i], quote) ? 3 : 1);
	to = text = pool_bytes(r->pool, size + 1);
	if (text == NULL)
		return -1;
	for (size_t i = 0; i < t->parts.count; i++) {
		struct str part = part_value(r, &parts[i]);

		if (is_quoted(&parts[i], quote)) {
			to = put_escaped(to, part, *quote);
			continue;
		}
		/* a changing value may have grown meanwhile */
		if (part.len > size - (size_t)(to - text))
			part.len = size - (size_t)(to - text);
		to = put_str(to, part);
	}
	*to = '\0';
	*value = str_between(text, to);
	return 0;
}

int template_eval(struct request *r, const struct template *t, struct str *value)
{
	return eval(r, t, NULL, value);
}

int template_eval_quoted(struct request *r, const struct template *t, enum uri_part quote,
			 struct str *value)
{
	return eval(r, t, &quote, value);
}

bool template_is_true(struct request *r, const struct template *t)
{
	struct str value;

	return template_eval(r, t, &value) == 0 && value.len > 0 && !str_equal(value, STR("0"));
}

int conf_set_template(struct conf *cf, const struct directive *d, void *section)
{
	struct template **t = (struct template **)((char *)section + d->at);

	if (*t != NULL)
		return conf_duplicate(cf);
	*t = template_compile(cf, cf->args[1]);
	return *t != NULL ? 0 : -1;
}
