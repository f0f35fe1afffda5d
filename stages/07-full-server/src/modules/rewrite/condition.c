#include "modules/rewrite/condition.h"

#include <sys/stat.h>

#include "conf/value.h"
#include "http/request/value.h"

enum { WORDS_MAX = 4 };

struct words {
	struct str at[WORDS_MAX];
	uint32_t count;
};

static bool test_true(struct request *r, const struct condition *c)
{
	struct str value;

	return variable_get(r, c->variable, &value) && value.len > 0 && !str_equal(value, STR("0"));
}

static bool test_equal(struct request *r, const struct condition *c)
{
	struct str value, text;

	variable_get(r, c->variable, &value);
	return template_eval(r, c->text, &text) == 0 && str_equal(value, text);
}

static bool test_pattern(struct request *r, const struct condition *c)
{
	struct str value;

	variable_get(r, c->variable, &value);
	return request_match(r, c->pattern, value);
}

static bool test_file(struct request *r, const struct condition *c)
{
	struct str path;
	struct stat st;

	if (template_eval(r, c->text, &path) < 0 || stat(path.data, &st) < 0)
		return false;
	switch (c->file_test) {
	case 'f':
		return S_ISREG(st.st_mode);
	case 'd':
		return S_ISDIR(st.st_mode);
	case 'x':
		return (st.st_mode & S_IXUSR) != 0;
	default:
		return true;
	}
}

bool condition_holds(struct request *r, const struct condition *c)
{
	return c->test(r, c) != c->negated;
}

static int bad(struct conf *cf)
{
	return conf_fail(cf, "invalid condition in \"%.*s\" directive", STR_ARGS(cf->args[0]));
}

/* "(" and ")" may be words of their own, or parts of other words. */
static int take_words(struct conf *cf, struct words *w)
{
	struct str *args = cf->args + 1;
	uint32_t count = cf->arg_count - 1;

	w->count = 0;
	if (count > WORDS_MAX + 2 || !str_starts(args[0], STR("(")) ||
	    !str_ends(args[count - 1], STR(")")))
		return bad(cf);
	for (uint32_t i = 0; i < count; i++) {
		struct str word = args[i];

		if (i == 0)
			word = (struct str){word.data + 1, word.len - 1};
		if (i == count - 1)
			word = pool_str_z(cf->pool, (struct str){word.data, word.len - 1});
		if (word.data == NULL)
			return conf_no_memory(cf);
		/* "" between the parentheses is a real word; only an empty first or last word
		 * is left out */
		if (word.len == 0 && (i == 0 || i == count - 1))
			continue;
		if (w->count == WORDS_MAX)
			return bad(cf);
		w->at[w->count++] = word;
	}
	return w->count > 0 ? 0 : bad(cf);
}

static int parse_file_test(struct conf *cf, struct condition *c, const struct words *w)
{
	struct str sign = w->at[0], path = w->at[1];

	if (c->negated)
		sign = (struct str){sign.data + 1, sign.len - 1};
	if (sign.len != 2 || strchr("fdex", sign.data[1]) == NULL || path.len == 0)
		return bad(cf);
	c->test = test_file;
	c->file_test = sign.data[1];
	if (!str_starts(path, STR("$")))
		path = conf_path(cf, path);
	c->text = template_compile(cf, path);
	return c->text != NULL ? 0 : -1;
}

static int parse_comparison(struct conf *cf, struct condition *c, struct str sign, struct str text)
{
	c->negated = str_starts(sign, STR("!"));
	if (c->negated)
		sign = (struct str){sign.data + 1, sign.len - 1};
	if (str_equal(sign, STR("="))) {
		c->test = test_equal;
		c->text = template_compile(cf, text);
		return c->text != NULL ? 0 : -1;
	}
	if (!str_equal(sign, STR("~")) && !str_equal(sign, STR("~*")))
		return bad(cf);
	c->test = test_pattern;
	c->pattern = conf_pattern(cf, text, sign.len == 2);
	return c->pattern != NULL ? 0 : -1;
}

static int parse_variable_test(struct conf *cf, struct condition *c, const struct words *w)
{
	struct str name = w->at[0];

	c->variable = variable_index(cf, (struct str){name.data + 1, name.len - 1});
	if (c->variable < 0)
		return -1;
	if (w->count == 3)
		return parse_comparison(cf, c, w->at[1], w->at[2]);
	c->test = test_true;
	return w->count == 1 ? 0 : bad(cf);
}

int condition_parse(struct conf *cf, struct condition *c)
{
	struct words w;

	*c = (struct condition){.negated = false};
	if (take_words(cf, &w) < 0)
		return -1;
	if (w.at[0].len > 1 && w.at[0].data[0] == '$')
		return parse_variable_test(cf, c, &w);
	c->negated = str_starts(w.at[0], STR("!"));
	if (w.count == 2 && str_starts(w.at[0], c->negated ? STR("!-") : STR("-")))
		return parse_file_test(cf, c, &w);
	return bad(cf);
}
