#include "http/site/variable.h"

#include <assert.h>

#include "base/list.h"

struct variable *variable_at(const struct http *http, int index)
{
	return ((struct variable **)http->variable_list.items)[index];
}

struct variable *variable_find(const struct http *http, struct str name)
{
	struct hash_node *node = hash_get(&http->variables, name);

	return node != NULL ? CONTAINER_OF(node, struct variable, node) : NULL;
}

static struct variable *create(struct conf *cf, struct str name)
{
	struct variable *v = pool_zalloc(cf->pool, sizeof(*v));

	if (v != NULL) {
		v->node.key = name;
		v->index = NO_INDEX;
		v->file = cf->file;
		v->line = cf->line;
		if (hash_add(&http_of(cf)->variables, &v->node) == 0)
			return v;
	}
	conf_no_memory(cf);
	return NULL;
}

static int give_index(struct conf *cf, struct variable *v)
{
	struct pool_list *list = &http_of(cf)->variable_list;
	struct variable **place;

	if (v->index != NO_INDEX)
		return 0;
	place = pool_list_add(cf->pool, list, sizeof(*place));
	if (place == NULL)
		return conf_no_memory(cf);
	*place = v;
	v->index = (int)list->count - 1;
	return 0;
}

static struct variable *add(struct conf *cf, struct str name)
{
	struct variable *v = create(cf, name);

	return v != NULL && give_index(cf, v) == 0 ? v : NULL;
}

static void set_from_spec(struct variable *v, const struct variable_spec *spec)
{
	v->defined = true;
	v->get = spec->get;
	v->set = spec->set;
	v->data = spec->data;
	v->changes = spec->changes;
}

static int declare_family(struct conf *cf, const struct variable_spec *spec)
{
	struct pool_list *families = &http_of(cf)->prefix_variables;
	struct variable **place = pool_list_add(cf->pool, families, sizeof(*place));
	struct variable *v = pool_zalloc(cf->pool, sizeof(*v));

	if (place == NULL || v == NULL)
		return conf_no_memory(cf);
	*place = v;
	v->node.key = (struct str){spec->name, strlen(spec->name) - 1};
	set_from_spec(v, spec);
	return 0;
}

static int declare(struct conf *cf, const struct variable_spec *spec)
{
	struct variable *v;

	if (str_ends(str_from(spec->name), STR("*")))
		return declare_family(cf, spec);
	assert(variable_find(http_of(cf), str_from(spec->name)) == NULL);
	v = create(cf, str_from(spec->name));
	if (v == NULL)
		return -1;
	set_from_spec(v, spec);
	/* SSI may ask for this variable by name, and must get the same value each time. With an
	 * index, the request keeps the value. */
	return v->changes ? 0 : give_index(cf, v);
}

int variables_declare(struct conf *cf, const struct variable_spec *specs)
{
	for (; specs->name != NULL; specs++)
		if (declare(cf, specs) < 0)
			return -1;
	return 0;
}

const struct variable *variable_family(const struct http *http, struct str name)
{
	for (size_t i = 0; i < http->prefix_variables.count; i++) {
		const struct variable *family =
		    ((struct variable **)http->prefix_variables.items)[i];

		if (str_starts(name, family->node.key) && name.len > family->node.key.len)
			return family;
	}
	return NULL;
}

static struct str behind(struct str name, struct str prefix)
{
	return (struct str){name.data + prefix.len, name.len - prefix.len};
}

/* Call mention when a name is used for the first time. If the name does not belong to a family,
 * the configuration must define it later. */
static struct variable *mention(struct conf *cf, struct str name)
{
	const struct variable *family = variable_family(http_of(cf), name);
	struct variable *v = add(cf, name);

	if (v == NULL || family == NULL)
		return v;
	v->defined = true;
	v->get = family->get;
	v->data = family->data;
	v->changes = family->changes;
	v->name = behind(name, family->node.key);
	return v;
}

int variable_index(struct conf *cf, struct str name)
{
	struct variable *v = variable_find(http_of(cf), name);

	if (v == NULL)
		v = mention(cf, name);
	return v != NULL && give_index(cf, v) == 0 ? v->index : -1;
}

static struct variable *find_or_add(struct conf *cf, struct str name)
{
	struct variable *v = variable_find(http_of(cf), name);

	return v != NULL ? v : add(cf, name);
}

int variable_define(struct conf *cf, struct str name,
		    bool (*get)(struct request *r, const struct variable *v, struct str *value))
{
	int index = variable_index(cf, name);
	struct variable *v;

	if (index < 0)
		return -1;
	v = variable_at(http_of(cf), index);
	/* A name of a family (v->name is not empty) may be set. It keeps its getter: in a
	 * request that does not run `set $http_x`, $http_x must still be the header X. */
	if (v->defined && v->set == NULL && !v->configured && v->name.len == 0)
		return conf_fail(cf, "the duplicate \"%.*s\" variable", STR_ARGS(name));
	if (!v->defined) {
		v->get = get;
		v->defined = v->configured = true;
	}
	return v->index;
}

int variable_compute(struct conf *cf, struct str name,
		     bool (*get)(struct request *r, const struct variable *v, struct str *value),
		     uintptr_t data, bool changes)
{
	struct variable *v = find_or_add(cf, name);

	if (v == NULL)
		return -1;
	if (v->defined && !v->configured)
		return conf_fail(cf, "the duplicate \"%.*s\" variable", STR_ARGS(name));
	v->get = get;
	v->data = data;
	v->changes = changes;
	v->defined = v->configured = true;
	return 0;
}

int variables_check(struct conf *cf)
{
	const struct http *http = http_of(cf);

	for (size_t i = 0; i < http->variable_list.count; i++) {
		const struct variable *v = variable_at(http, (int)i);

		if (v->defined)
			continue;
		cf->file = v->file;
		cf->line = v->line;
		return conf_fail(cf, "unknown \"%.*s\" variable", STR_ARGS(v->node.key));
	}
	return 0;
}
