#include "http/site/template.h"

#include "conf/value.h"

static bool is_name_char(char c)
{
	char lower = char_lower(c);

	return (lower >= 'a' && lower <= 'z') || char_is_digit(c) || c == '_';
}

static int add_part(struct conf *cf, struct template *t, struct str text, int variable)
{
	struct template_part *part;

	if (variable == PART_TEXT && text.len == 0)
		return 0;
	part = pool_list_add(cf->pool, &t->parts, sizeof(*part));
	if (part == NULL)
		return conf_no_memory(cf);
	*part = (struct template_part){text, variable};
	return 0;
}

/* Reads the name of a variable. *at is behind the "$" and moves behind the name. "$1x" means
 * capture 1, followed by the text "x". */
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
		return add_part(cf, t, STR_NONE, PART_CAPTURE - (name.data[0] - '0'));
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
		if (add_part(cf, t, str_between(text, at), PART_TEXT) < 0)
			return NULL;
		at++;
		if (!take_name(&at, end, &name)) {
			/* a "$" without a name is refused, as in nginx */
			conf_fail(cf, "invalid variable name in \"%.*s\"", STR_ARGS(source));
			return NULL;
		}
		if (add_variable(cf, t, name) < 0)
			return NULL;
		text = at;
	}
	t->fixed = t->parts.count == 0;
	return add_part(cf, t, str_between(text, at), PART_TEXT) < 0 ? NULL : t;
}

int conf_set_template(struct conf *cf, const struct directive *d, void *section)
{
	struct template **t = (struct template **)((char *)section + d->at);

	if (*t != NULL)
		return conf_duplicate(cf);
	*t = template_compile(cf, cf->args[1]);
	return *t != NULL ? 0 : -1;
}
