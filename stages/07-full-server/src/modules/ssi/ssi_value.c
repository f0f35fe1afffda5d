#include "modules/ssi/ssi_value.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "http/request/value.h"
#include "http/site/variable.h"

enum { DATE_MAX = 256 };

static struct ssi_variable *find(const struct ssi_variables *v, struct str name)
{
	for (size_t i = 0; i < v->list.count; i++) {
		struct ssi_variable *at = (struct ssi_variable *)v->list.items + i;

		if (str_equal(at->name, name))
			return at;
	}
	return NULL;
}

int ssi_set(const struct ssi_scope *s, struct str name, struct str value)
{
	struct ssi_variable *v = find(s->variables, name);

	if (v == NULL) {
		v = pool_list_add(s->r->pool, &s->variables->list, sizeof(*v));
		if (v == NULL)
			return -1;
		v->name = pool_str(s->r->pool, name);
		if (v->name.data == NULL)
			return -1;
	}
	v->value = value;
	return 0;
}

bool ssi_date(struct pool *p, struct str format, bool local, struct str *value)
{
	char text[DATE_MAX];
	struct tm tm;
	size_t len;

	format = pool_str_z(p, format);
	if (format.data == NULL)
		return false;
	if (str_equal(format, STR("%s"))) {
		/* "%s" of strftime would use the local time zone also for GMT */
		*value = pool_print(p, "%lld", (long long)now.second);
		return value->data != NULL;
	}
	len = strftime(text, sizeof(text), format.data,
		       local ? localtime_r(&now.second, &tm) : gmtime_r(&now.second, &tm));
	*value = pool_str(p, (struct str){text, len});
	return value->data != NULL;
}

bool ssi_get(const struct ssi_scope *s, struct str name, struct str *value)
{
	const struct ssi_variable *v = find(s->variables, name);

	*value = STR_NONE;
	if (v != NULL) {
		*value = v->value;
		return true;
	}
	if (str_equal(name, STR("date_local")) || str_equal(name, STR("date_gmt")))
		return ssi_date(s->r->pool, s->time_format, str_ends(name, STR("local")), value);
	return variable_get_named(s->r, name, value);
}

static bool is_name_char(char c)
{
	char lower = char_lower(c);

	return (lower >= 'a' && lower <= 'z') || char_is_digit(c) || c == '_';
}

/* Reads "name" or "{name}" after the "$". */
static bool take_name(struct str *text, struct str *name)
{
	bool braces = text->len > 0 && text->data[0] == '{';
	size_t from = braces, to = from;

	while (to < text->len && is_name_char(text->data[to]))
		to++;
	*name = (struct str){text->data + from, to - from};
	if (name->len == 0 || (braces && (to == text->len || text->data[to] != '}')))
		return false;
	*text = str_between(text->data + to + braces, text->data + text->len);
	return true;
}

static int append(struct pool *p, struct pool_list *parts, struct str part)
{
	struct str *place = pool_list_add(p, parts, sizeof(*place));

	if (place == NULL)
		return -1;
	*place = part;
	return 0;
}

static bool join(struct pool *p, const struct pool_list *parts, struct str *value)
{
	size_t size = 0;
	char *text, *to;

	for (size_t i = 0; i < parts->count; i++)
		size += ((struct str *)parts->items)[i].len;
	to = text = pool_bytes(p, size + 1);
	if (text == NULL)
		return false;
	for (size_t i = 0; i < parts->count; i++)
		to = put_str(to, ((struct str *)parts->items)[i]);
	*to = '\0';
	*value = str_between(text, to);
	return true;
}

bool ssi_expand(const struct ssi_scope *s, struct str text, struct str *value)
{
	struct pool_list parts = {.count = 0};
	struct str name, part;

	while (text.len > 0) {
		size_t len = 0;

		while (len < text.len && text.data[len] != '$' && text.data[len] != '\\')
			len++;
		part = (struct str){text.data, len};
		text = str_between(text.data + len, text.data + text.len);
		if (append(s->r->pool, &parts, part) < 0)
			return false;
		if (text.len == 0)
			break;
		part = (struct str){text.data + 1, text.len > 1};
		text = str_between(text.data + 1, text.data + text.len);
		if (text.data[-1] == '\\') {
			text = str_between(text.data + part.len, text.data + text.len);
		} else {
			if (!take_name(&text, &name))
				return false;
			ssi_get(s, name, &part);
		}
		if (append(s->r->pool, &parts, part) < 0)
			return false;
	}
	return join(s->r->pool, &parts, value);
}

static bool test_pattern(const struct ssi_scope *s, struct str source, struct str subject,
			 bool *matches)
{
	struct pattern pattern;
	int result;

	source = pool_str_z(s->r->pool, source);
	errno = 0;
	if (source.data == NULL || pattern_compile(&pattern, source.data, false) != NULL) {
		if (errno == ENOMEM)
			pool_set_starved(s->r->pool, true);
		return false;
	}
	result = pattern_match(&pattern, subject, NULL, 0);
	pattern_fini(&pattern);
	if (result < 0)
		pool_set_starved(s->r->pool, true);
	*matches = result > 0;
	return true;
}

/* Reads the left side of a condition. Each side may be a text, a variable, or both together:
 * "text != $name", "a$name". */
static bool take_operand(const struct ssi_scope *s, struct str *rest, struct str *value)
{
	const char *from = rest->data, *at = from, *end = from + rest->len;

	while (at < end && strchr(" \t\r\n=!", *at) == NULL)
		at++;
	*rest = str_trim(str_between(at, end));
	return ssi_expand(s, str_between(from, at), value);
}

bool ssi_test(const struct ssi_scope *s, struct str expression, bool *holds)
{
	struct str rest = str_trim(expression), value, text;
	bool negated;

	if (rest.len == 0 || !take_operand(s, &rest, &value))
		return false;
	*holds = value.len > 0;
	if (rest.len == 0)
		return true;
	negated = rest.data[0] == '!';
	rest = (struct str){rest.data + negated, rest.len - negated};
	if (!str_starts(rest, STR("=")))
		return false;
	rest = str_trim((struct str){rest.data + 1, rest.len - 1});
	if (rest.len > 1 && rest.data[0] == '/' && rest.data[rest.len - 1] == '/') {
		if (!test_pattern(s, (struct str){rest.data + 1, rest.len - 2}, value, holds))
			return false;
	} else {
		if (!ssi_expand(s, rest, &text))
			return false;
		*holds = str_equal(value, text);
	}
	*holds = *holds != negated;
	return true;
}
