/*
 * index: chooses the file that is served for a folder.
 *
 *     index index.html index.$lang.html /fallback.html;
 *
 * The request is redirected to the first file that exists, so that the location of this file is
 * used. If the last name begins with a slash, it is used without a check.
 */
#include <errno.h>

#include "http/file/folder.h"
#include "http/file/open_file.h"
#include "http/request/path.h"
#include "http/request/value.h"
#include "http/site/core.h"

extern struct module index_module;

struct index_location {
	struct pool_list *names; /* struct template * */
};

static int add_name(struct conf *cf, struct pool_list *names, struct str name)
{
	struct template **place = pool_list_add(cf->pool, names, sizeof(*place));

	if (place == NULL)
		return conf_no_memory(cf);
	*place = template_compile(cf, name);
	return *place != NULL ? 0 : -1;
}

static int set_index(struct conf *cf, const struct directive *d, void *section)
{
	struct index_location *l = section;

	if (l->names == NULL)
		l->names = pool_zalloc(cf->pool, sizeof(*l->names));
	if (l->names == NULL)
		return conf_no_memory(cf);
	for (uint32_t i = 1; i < cf->arg_count; i++)
		if (add_name(cf, l->names, cf->args[i]) < 0)
			return -1;
	return 0;
}

static struct pool_list *default_names(struct conf *cf)
{
	struct pool_list *names = pool_zalloc(cf->pool, sizeof(*names));

	return names != NULL && add_name(cf, names, STR("index.html")) == 0 ? names : NULL;
}

static int merge_location(struct conf *cf, void *outer, void *inner)
{
	struct index_location *l = inner;

	if (l->names == NULL)
		l->names = default_names(cf);
	return l->names != NULL ? 0 : conf_no_memory(cf);
}

static struct str joined(struct request *r, struct str folder, struct str name)
{
	char *text = pool_bytes(r->pool, folder.len + name.len + 1), *to = text;

	if (text == NULL)
		return (struct str){NULL, 0};
	to = put_str(to, folder);
	to = put_str(to, name);
	*to = '\0';
	return str_between(text, to);
}

/* Returns PHASE_NEXT when this file does not exist. */
static enum phase_result try_name(struct request *r, struct str folder, struct str name)
{
	struct str path = joined(r, folder, name);
	struct open_file *f = path.data != NULL ? open_file_get(r, path) : NULL;

	if (f == NULL)
		return request_refuse(r, 500);
	if (f->kind == FILE_REGULAR)
		return request_redirect(r, joined(r, r->uri, name), r->args);
	if (f->error != 0 && f->error != ENOENT)
		return request_refuse(r, open_file_status(r, f, path));
	return PHASE_NEXT;
}

static enum phase_result serve(struct request *r)
{
	const struct index_location *l = request_section(r, LEVEL_LOCATION, &index_module);
	struct str folder, name;
	int status;

	if (r->uri.data[r->uri.len - 1] != '/')
		return PHASE_NEXT;
	if (!(r->method & (METHOD_GET | METHOD_HEAD | METHOD_POST)))
		return PHASE_NEXT;
	if (request_map_path(r, 0, &folder) < 0)
		return request_refuse(r, 500);
	for (size_t i = 0; i < l->names->count; i++) {
		enum phase_result result;

		if (template_eval(r, ((struct template **)l->names->items)[i], &name) < 0)
			return request_refuse(r, 500);
		if (str_starts(name, STR("/")))
			return request_redirect(r, name, r->args);
		result = try_name(r, folder, name);
		if (result != PHASE_NEXT)
			return result;
		/* a missing folder gives 404; if the folder exists but has no index file, the
		 * next handler continues */
		status = i == 0 ? folder_check(r, folder) : 0;
		if (status != 0)
			return request_refuse(r, status);
	}
	return PHASE_NEXT;
}

static int setup(struct conf *cf)
{
	return phase_add(cf, PHASE_CONTENT, serve);
}

static const struct directive directives[] = {
    {"index", IN_HTTP_ALL | ARGS_1_MORE, set_index, LEVEL_LOCATION,
     SETTING(struct index_location, names, 0)},
    {.name = NULL},
};

static const struct http_hooks hooks = {
    .location_size = sizeof(struct index_location),
    .merge_location = merge_location,
    .setup = setup,
};

struct module index_module = {
    .name = "index", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
