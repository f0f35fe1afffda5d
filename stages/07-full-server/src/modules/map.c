/*
 * map: a variable whose value depends on another text.
 *
 *     map $http_upgrade $connection_upgrade {
 *         default  upgrade;
 *         ""       close;
 *     }
 *
 * The text and the values may contain variables. A key is a text, which is compared without
 * regard to case. A key may also be a regular expression: "~pattern", or "~*pattern", which
 * ignores case. The first key that matches gives the value. The order is:
 *
 *     1. the text itself
 *     2. with `hostnames`, a key like "*.example.org"
 *     3. with `hostnames`, a key like "example.*"
 *     4. the regular expressions, in the order of the file
 *
 * If no key matches, the value is the default, or empty if there is no default. The value is
 * computed when the request asks for it first, and is then kept. With `volatile` it is computed
 * every time.
 */
#include "base/host_names.h"
#include "base/list.h"
#include "conf/value.h"
#include "http/request/value.h"
#include "http/site/template.h"

extern struct module map_module;

struct map {
	struct template *source;
	struct template *fallback; /* `default`; NULL means that there is no default */
	struct host_names keys;    /* without `hostnames`, each key is compared as a whole */
	struct pool_list patterns; /* struct pattern_key */
	bool hostnames, is_volatile;
};

struct key {
	struct hash_node node;
	struct template *value;
};

struct pattern_key {
	struct pattern *pattern;
	struct template *value;
};

/* ---- the lines of the block */

static int add_pattern(struct conf *cf, struct map *m, struct str key, struct template *value)
{
	struct pattern_key *p = pool_list_add(cf->pool, &m->patterns, sizeof(*p));
	bool ignore_case = str_starts(key, STR("~*"));
	size_t begin = ignore_case ? 2 : 1;

	if (p == NULL)
		return conf_no_memory(cf);
	p->value = value;
	p->pattern = conf_pattern(cf, (struct str){key.data + begin, key.len - begin}, ignore_case);
	return p->pattern != NULL ? 0 : -1;
}

static int add_key(struct conf *cf, struct map *m, struct str name, struct template *value)
{
	struct key *k = pool_zalloc(cf->pool, sizeof(*k));
	struct str key = name;
	struct hash *table = m->hostnames ? host_names_table(&m->keys, name, &key) : &m->keys.exact;

	if (k == NULL)
		return conf_no_memory(cf);
	if (hash_get(table, key) != NULL)
		return conf_fail(cf, "conflicting parameter \"%.*s\"", STR_ARGS(cf->args[0]));
	k->node.key = key;
	k->value = value;
	return hash_add(table, &k->node) < 0 ? conf_no_memory(cf) : 0;
}

/* ".example.org" matches example.org and all its subdomains. */
static int add_domain(struct conf *cf, struct map *m, struct str name, struct template *value)
{
	struct str tails = pool_print(cf->pool, "*%.*s", STR_ARGS(name));

	if (tails.data == NULL)
		return conf_no_memory(cf);
	if (add_key(cf, m, (struct str){name.data + 1, name.len - 1}, value) < 0)
		return -1;
	return add_key(cf, m, tails, value);
}

static int add_text(struct conf *cf, struct map *m, struct str text, struct template *value)
{
	char *lower;

	/* "\default" means the text "default", and "\~x" means the text "~x" */
	if (str_starts(text, STR("\\")))
		text = (struct str){text.data + 1, text.len - 1};
	lower = pool_bytes(cf->pool, text.len);
	if (lower == NULL)
		return conf_no_memory(cf);
	put_lower(lower, text);
	text.data = lower;
	if (m->hostnames && str_starts(text, STR(".")) && text.len > 1)
		return add_domain(cf, m, text, value);
	return add_key(cf, m, text, value);
}

static int set_default(struct conf *cf, struct map *m, struct template *value)
{
	if (m->fallback != NULL)
		return conf_fail(cf, "duplicate default map parameter");
	m->fallback = value;
	return 0;
}

static int on_line(struct conf *cf, void *data)
{
	struct map *m = data;
	struct str key = cf->args[0];
	struct template *value;

	if (cf->arg_count == 1 && str_equal(key, STR("hostnames"))) {
		m->hostnames = true;
		return 0;
	}
	if (cf->arg_count == 1 && str_equal(key, STR("volatile"))) {
		m->is_volatile = true;
		return 0;
	}
	if (cf->arg_count != 2)
		return conf_fail(cf, "invalid number of the map parameters");
	value = template_compile(cf, cf->args[1]);
	if (value == NULL)
		return -1;
	if (str_equal(key, STR("default")))
		return set_default(cf, m, value);
	if (str_starts(key, STR("~")))
		return add_pattern(cf, m, key, value);
	return add_text(cf, m, key, value);
}

/* ---- the variable */

static struct template *find_pattern(struct request *r, const struct map *m, struct str text)
{
	const struct pattern_key *keys = m->patterns.items;

	for (size_t i = 0; i < m->patterns.count; i++)
		if (request_match(r, keys[i].pattern, text))
			return keys[i].value;
	return NULL;
}

/* Sets *value to NULL when no key matches. Returns false when there is no memory. */
static bool find_text(struct request *r, const struct map *m, struct str text,
		      struct template **value)
{
	char *lower = pool_bytes(r->pool, text.len);
	struct hash_node *found;

	if (lower == NULL)
		return false;
	put_lower(lower, text);
	text.data = lower;
	/* "example.org." is the same host as "example.org" */
	if (m->hostnames && str_ends(text, STR(".")))
		text.len--;
	found = host_names_find(&m->keys, text);
	*value = found != NULL ? CONTAINER_OF(found, struct key, node)->value : NULL;
	return true;
}

static bool get_value(struct request *r, const struct variable *v, struct str *value)
{
	const struct map *m = (const struct map *)v->data;
	struct template *found;
	struct str text;

	*value = STR_NONE;
	if (template_eval(r, m->source, &text) < 0 || !find_text(r, m, text, &found))
		return false;
	if (found == NULL)
		found = find_pattern(r, m, text);
	if (found == NULL)
		found = m->fallback;
	return found == NULL || template_eval(r, found, value) == 0;
}

/* ---- the directive */

static void map_forget(void *data)
{
	host_names_fini(&((struct map *)data)->keys);
}

static struct map *map_create(struct conf *cf)
{
	struct map *m = pool_zalloc(cf->pool, sizeof(*m));
	struct pool_cleanup *c = m != NULL ? pool_cleanup_add(cf->pool, m) : NULL;

	if (c == NULL) {
		conf_no_memory(cf);
		return NULL;
	}
	c->run = map_forget;
	return m;
}

static int set_map(struct conf *cf, const struct directive *d, void *section)
{
	struct str name = cf->args[2];
	struct map *m = map_create(cf);

	if (m == NULL)
		return -1;
	if (name.len < 2 || name.data[0] != '$')
		return conf_fail(cf, "invalid variable name \"%.*s\"", STR_ARGS(name));
	name = (struct str){name.data + 1, name.len - 1};
	m->source = template_compile(cf, cf->args[1]);
	if (m->source == NULL || conf_entries(cf, on_line, m) < 0)
		return -1;
	return variable_compute(cf, name, get_value, (uintptr_t)m, m->is_volatile);
}

static const struct directive directives[] = {
    {"map", IN_HTTP | BLOCK | ARGS_2, set_map, LEVEL_MAIN},
    {.name = NULL},
};

static const struct http_hooks hooks = {0};

struct module map_module = {
    .name = "map", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
