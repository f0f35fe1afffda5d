#include "modules/cache/rules/control.h"

#include <stddef.h>

static const struct {
	struct str name;
	uint32_t bit;   /* 0 means that the directive has a number */
	size_t seconds; /* the offset of this number in struct control */
} known[] = {
#define BIT(text, bit)                                                                             \
	{                                                                                          \
		{text, sizeof(text) - 1}, bit, 0                                                   \
	}
#define SECONDS(text, member)                                                                      \
	{                                                                                          \
		{text, sizeof(text) - 1}, 0, offsetof(struct control, member)                      \
	}
    BIT("no-store", CONTROL_NO_STORE),
    BIT("no-cache", CONTROL_NO_CACHE),
    BIT("private", CONTROL_PRIVATE),
    BIT("public", CONTROL_PUBLIC),
    BIT("must-revalidate", CONTROL_MUST_REVALIDATE),
    BIT("proxy-revalidate", CONTROL_PROXY_REVALIDATE),
    BIT("must-understand", CONTROL_MUST_UNDERSTAND),
    BIT("only-if-cached", CONTROL_ONLY_IF_CACHED),
    SECONDS("max-age", max_age),
    SECONDS("s-maxage", s_maxage),
    SECONDS("min-fresh", min_fresh),
    SECONDS("max-stale", max_stale),
    SECONDS("stale-while-revalidate", stale_while_revalidate),
    SECONDS("stale-if-error", stale_if_error),
};

static const struct control nothing = {
    .max_age = SECONDS_ABSENT,
    .s_maxage = SECONDS_ABSENT,
    .min_fresh = SECONDS_ABSENT,
    .max_stale = SECONDS_ABSENT,
    .stale_while_revalidate = SECONDS_ABSENT,
    .stale_if_error = SECONDS_ABSENT,
};

int64_t seconds_parse(struct str text)
{
	int64_t n = 0;

	if (text.len == 0)
		return -1;
	for (size_t i = 0; i < text.len; i++) {
		if (!char_is_digit(text.data[i]))
			return -1;
		n = n * 10 + text.data[i] - '0';
		if (n > SECONDS_MOST)
			n = SECONDS_MOST;
	}
	return n;
}

/* Returns the index in `known`, or -1. */
static int identify(struct str name)
{
	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (str_equal_nocase(known[i].name, name))
			return (int)i;
	return -1;
}

static int64_t *seconds_of(struct control *c, int which)
{
	return (int64_t *)((char *)c + known[which].seconds);
}

/* ---- Cache-Control */

/* Finds the first comma outside of quotes, or the end. If a quote is never closed, the quotes
 * are ignored; otherwise this one quote would hide all directives after it. */
static const char *end_of_directive(const char *from, const char *end)
{
	const char *comma;
	bool quoted = false;

	for (const char *at = from; at < end; at++) {
		if (*at == '\\' && quoted && at + 1 < end)
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (*at == ',' && !quoted)
			return at;
	}
	comma = quoted ? memchr(from, ',', (size_t)(end - from)) : NULL;
	return comma != NULL ? comma : end;
}

static struct str without_quotes(struct str value)
{
	if (value.len >= 2 && value.data[0] == '"' && value.data[value.len - 1] == '"')
		return (struct str){value.data + 1, value.len - 2};
	return value;
}

/* max-stale without a number accepts any age. Any other directive with a missing or wrong
 * number is read as strictly as possible. */
static int64_t number_of(struct str name, const char *equals, struct str value)
{
	int64_t n;

	if (equals == NULL && str_equal_nocase(name, STR("max-stale")))
		return SECONDS_MOST;
	n = seconds_parse(without_quotes(value));
	if (n >= 0)
		return n;
	return str_equal_nocase(name, STR("min-fresh")) ? SECONDS_MOST : 0;
}

static void read_directive(struct control *c, struct str directive)
{
	const char *end = directive.data + directive.len;
	const char *equals = memchr(directive.data, '=', directive.len);
	struct str name = str_trim(str_between(directive.data, equals != NULL ? equals : end));
	int which = identify(name);

	if (which < 0)
		return;
	c->has |= known[which].bit;
	if (known[which].bit == 0 && *seconds_of(c, which) == SECONDS_ABSENT)
		*seconds_of(c, which) = number_of(
		    name, equals, equals != NULL ? str_between(equals + 1, end) : STR_NONE);
}

static void read_line(struct control *c, struct str value)
{
	const char *at = value.data, *end = at + value.len;

	while (at < end) {
		const char *stop = end_of_directive(at, end);

		read_directive(c, str_trim(str_between(at, stop)));
		at = stop + 1;
	}
}

bool control_read(struct control *c, const struct header_list *headers, struct str name)
{
	bool found = false;

	*c = nothing;
	for (size_t i = 0; i < headers->lines.count; i++) {
		const struct header *h = header_at(headers, i);

		if (!str_equal_nocase(h->name, name))
			continue;
		found = true;
		read_line(c, h->value);
	}
	return found;
}

/* ---- a dictionary of RFC 8941: key, key=item, key=item;parameter=item, key=(item item) */

struct reader {
	const char *at, *end;
	bool wrong;
};

static bool is_at(const struct reader *r, char c)
{
	return r->at < r->end && *r->at == c;
}

static bool take(struct reader *r, char c)
{
	if (!is_at(r, c))
		return false;
	r->at++;
	return true;
}

static bool is_key_char(char c, bool first)
{
	if ((c >= 'a' && c <= 'z') || c == '*')
		return true;
	return !first && (char_is_digit(c) || c == '_' || c == '-' || c == '.');
}

static struct str take_key(struct reader *r)
{
	const char *from = r->at;

	while (r->at < r->end && is_key_char(*r->at, r->at == from))
		r->at++;
	r->wrong |= r->at == from;
	return str_between(from, r->at);
}

static void skip_string(struct reader *r)
{
	while (r->at < r->end && *r->at != '"') {
		if (*r->at == '\\' && ++r->at < r->end && *r->at != '"' && *r->at != '\\')
			r->wrong = true;
		if (r->at < r->end)
			r->at++;
	}
	r->wrong |= !take(r, '"');
}

static bool is_bare_char(char c)
{
	return c > ' ' && c < 0x7f && strchr("\"(),;=\\<>?@[]{}", c) == NULL;
}

/* Reads a number, a token, ?1 or :bytes=: without a check of its content. Only the kind of the
 * value matters here. */
static struct str take_bare(struct reader *r)
{
	const char *from = r->at;

	if (take(r, ':')) {
		while (r->at < r->end && *r->at != ':')
			r->at++;
		r->wrong |= !take(r, ':');
		return str_between(from, r->at);
	}
	take(r, '?');
	while (r->at < r->end && is_bare_char(*r->at))
		r->at++;
	r->wrong |= r->at == from;
	return str_between(from, r->at);
}

static struct str take_item(struct reader *r)
{
	const char *from = r->at;

	if (!take(r, '"'))
		return take_bare(r);
	skip_string(r);
	return str_between(from, r->at);
}

static void skip_parameters(struct reader *r)
{
	while (!r->wrong && take(r, ';')) {
		while (take(r, ' '))
			;
		take_key(r);
		if (take(r, '='))
			take_item(r);
	}
}

static struct str take_member_value(struct reader *r)
{
	const char *from = r->at;

	if (!take(r, '('))
		return take_item(r);
	while (take(r, ' '))
		;
	while (!r->wrong && !take(r, ')')) {
		take_item(r);
		skip_parameters(r);
		r->wrong |= !is_at(r, ' ') && !is_at(r, ')');
		while (take(r, ' '))
			;
	}
	return str_between(from, r->at);
}

/* When the same key comes twice, the second one replaces the first one. A value of the wrong
 * type is ignored. */
static void note_member(struct control *c, struct str key, bool has_value, struct str value)
{
	int which = identify(key);
	bool on = !has_value || str_equal(value, STR("?1"));

	if (which < 0)
		return;
	if (known[which].bit == 0)
		*seconds_of(c, which) = has_value ? seconds_parse(value) : SECONDS_ABSENT;
	else if (on || (has_value && value.data[0] != '?'))
		/* such as private="a", which has a list of fields */
		c->has |= known[which].bit;
	else
		c->has &= ~known[which].bit;
}

static void skip_space(struct reader *r)
{
	while (take(r, ' ') || take(r, '\t'))
		;
}

static void read_member(struct control *c, struct reader *r)
{
	struct str key = take_key(r), value = STR_NONE;
	bool has_value = take(r, '=');

	if (has_value)
		value = take_member_value(r);
	skip_parameters(r);
	if (!r->wrong)
		note_member(c, key, has_value, value);
	skip_space(r);
}

/* Returns false when the field breaks the grammar. Sets *any when the field has at least one
 * member. */
static bool read_dictionary(struct control *c, struct str value, bool *any)
{
	struct reader r = {value.data, value.data + value.len, false};

	skip_space(&r);
	while (r.at < r.end && !r.wrong) {
		read_member(c, &r);
		*any = true;
		if (r.at == r.end)
			break;
		r.wrong |= !take(&r, ',');
		skip_space(&r);
		r.wrong |= r.at == r.end; /* a comma must not be the last character */
	}
	return !r.wrong;
}

bool control_read_targeted(struct control *c, const struct header_list *headers, struct str name)
{
	bool any = false;

	*c = nothing;
	for (size_t i = 0; i < headers->lines.count; i++) {
		const struct header *h = header_at(headers, i);

		if (str_equal_nocase(h->name, name) && !read_dictionary(c, h->value, &any))
			return false;
	}
	return any;
}
