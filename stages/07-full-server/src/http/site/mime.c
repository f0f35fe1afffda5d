#include "http/site/mime.h"

#include "base/list.h"
#include "conf/value.h"

enum { EXTENSION_MAX = 32 };

struct entry {
	struct hash_node node; /* the key is the extension in lower case */
	struct str type;
};

static void forget_hash(void *data)
{
	hash_fini(data);
}

static struct mime_types *types_create(struct conf *cf)
{
	struct mime_types *types = pool_zalloc(cf->pool, sizeof(*types));
	struct pool_cleanup *c =
	    types != NULL ? pool_cleanup_add(cf->pool, &types->by_extension) : NULL;

	if (c == NULL) {
		conf_no_memory(cf);
		return NULL;
	}
	c->run = forget_hash;
	hash_init(&types->by_extension);
	return types;
}

static int add(struct conf *cf, struct mime_types *types, struct str type, struct str extension)
{
	char *key = pool_bytes(cf->pool, extension.len);
	struct entry *e;
	struct hash_node *before;

	if (key == NULL)
		return conf_no_memory(cf);
	put_lower(key, extension);
	extension = (struct str){key, extension.len};
	before = hash_get(&types->by_extension, extension);
	if (before != NULL) {
		e = CONTAINER_OF(before, struct entry, node);
		if (!str_equal(e->type, type))
			conf_warn(cf, "duplicate extension \"%.*s\", the last type wins",
				  STR_ARGS(extension));
		e->type = type;
		return 0;
	}
	e = pool_zalloc(cf->pool, sizeof(*e));
	if (e == NULL)
		return conf_no_memory(cf);
	e->node.key = extension;
	e->type = type;
	return hash_add(&types->by_extension, &e->node) < 0 ? conf_no_memory(cf) : 0;
}

static int on_type(struct conf *cf, void *data)
{
	for (uint32_t i = 1; i < cf->arg_count; i++)
		if (add(cf, data, cf->args[0], cf->args[i]) < 0)
			return -1;
	return 0;
}

int mime_set_types(struct conf *cf, const struct directive *d, void *section)
{
	struct mime_types **types = (struct mime_types **)((char *)section + d->at);

	if (*types == NULL)
		*types = types_create(cf);
	if (*types == NULL)
		return -1;
	return conf_entries(cf, on_type, *types);
}

struct mime_types *mime_default(struct conf *cf)
{
	struct mime_types *types = types_create(cf);

	if (types == NULL || add(cf, types, STR("text/html"), STR("html")) < 0 ||
	    add(cf, types, STR("image/gif"), STR("gif")) < 0 ||
	    add(cf, types, STR("image/jpeg"), STR("jpg")) < 0)
		return NULL;
	return types;
}

struct str mime_extension(struct str path)
{
	for (size_t i = path.len; i > 0 && path.data[i - 1] != '/'; i--)
		if (path.data[i - 1] == '.')
			return i > 1 && path.data[i - 2] == '/'
				   ? STR_NONE
				   : (struct str){path.data + i, path.len - i};
	return STR_NONE;
}

struct str mime_type(const struct mime_types *types, struct str extension, struct str otherwise)
{
	char key[EXTENSION_MAX];
	struct hash_node *found;

	if (extension.len == 0 || extension.len > sizeof(key))
		return otherwise;
	put_lower(key, extension);
	found = hash_get(&types->by_extension, (struct str){key, extension.len});
	return found != NULL ? CONTAINER_OF(found, struct entry, node)->type : otherwise;
}

int mime_set_list(struct conf *cf, const struct directive *d, void *section)
{
	struct pool_list **types = (struct pool_list **)((char *)section + d->at);

	if (*types != NULL)
		return conf_duplicate(cf);
	*types = pool_zalloc(cf->pool, sizeof(**types));
	for (uint32_t i = 1; i < cf->arg_count; i++) {
		struct str *place =
		    *types != NULL ? pool_list_add(cf->pool, *types, sizeof(*place)) : NULL;

		if (place == NULL)
			return conf_no_memory(cf);
		*place = cf->args[i];
	}
	return 0;
}

bool mime_is_in(const struct pool_list *types, struct str type)
{
	struct str list = type;

	if (!str_next_item(&list, ';', &type))
		return false;
	if (str_equal_nocase(type, STR("text/html")))
		return true;
	for (size_t i = 0; types != NULL && i < types->count; i++) {
		struct str wanted = ((struct str *)types->items)[i];

		if (str_equal(wanted, STR("*")) || str_equal_nocase(type, wanted))
			return true;
	}
	return false;
}
