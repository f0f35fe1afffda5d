/*
 * try_files: chooses the first file of a list that exists.
 *
 *     try_files $uri $uri/ /index.php?q=$uri;
 *     try_files $uri @fallback;       try_files $uri =404;
 *
 * The name of this file becomes the URI of the request, which stays in this location. The last
 * argument is not checked: it is a URI, a named location or a status. The directive is not
 * inherited.
 */
#include "http/file/open_file.h"
#include "http/request/path.h"
#include "http/request/value.h"
#include "http/site/core.h"

extern struct module try_files_module;

struct try_location {
	struct pool_list *names; /* struct template *; the last argument is not in this list */
	struct template *last;
	int status; /* the status of "=404"; 0 means that `last` is a URI or a named location */
};

static int set_last(struct conf *cf, struct try_location *l, struct str last)
{
	if (!str_starts(last, STR("="))) {
		l->last = template_compile(cf, last);
		return l->last != NULL ? 0 : -1;
	}
	l->status = (int)str_to_number((struct str){last.data + 1, last.len - 1});
	return l->status > 0 && l->status < 1000 ? 0 : conf_bad_value(cf, last);
}

static int set_try_files(struct conf *cf, const struct directive *d, void *section)
{
	struct try_location *l = section;

	if (l->names != NULL)
		return conf_duplicate(cf);
	l->names = pool_zalloc(cf->pool, sizeof(*l->names));
	if (l->names == NULL)
		return conf_no_memory(cf);
	for (uint32_t i = 1; i < cf->arg_count - 1; i++) {
		struct template **place = pool_list_add(cf->pool, l->names, sizeof(*place));

		if (place == NULL)
			return conf_no_memory(cf);
		*place = template_compile(cf, cf->args[i]);
		if (*place == NULL)
			return -1;
	}
	return set_last(cf, l, cf->args[cf->arg_count - 1]);
}

/*
 * With `alias`, a name is a path after the prefix of the location. For example, in "location
 * /al/ { alias /d/; }" the name "/a.txt" is the file /d//a.txt, and its URI is /al//a.txt. The
 * value of "$uri" contains the prefix already.
 */
static int uri_of(struct request *r, const struct template *t, struct str *uri)
{
	const struct location *l = r->core->location;
	struct str whole;

	if (!r->core->alias || l == NULL || l->kind == LOCATION_PATTERN ||
	    (!t->fixed && str_starts(*uri, l->name)))
		return 0;
	whole.len = l->name.len + uri->len;
	whole.data = pool_bytes(r->pool, whole.len);
	if (whole.data == NULL)
		return -1;
	put_str(put_str((char *)whole.data, l->name), *uri);
	*uri = whole;
	return 0;
}

/* Returns PHASE_NEXT when the file does not exist. Returns PHASE_PASS when it exists; then its
 * name is the URI of the request. */
static enum phase_result try_uri(struct request *r, struct str wanted, bool folder)
{
	struct str uri = r->uri, path;
	struct open_file *f;

	if (folder && wanted.len > 1)
		wanted.len--;
	r->uri = wanted;
	if (request_map_path(r, 0, &path) < 0) {
		r->uri = uri;
		/* the name may leave the folder: "$arg_name" may be "/../.." */
		return PHASE_NEXT;
	}
	f = open_file_get(r, path);
	if (f == NULL || f->kind != (folder ? FILE_FOLDER : FILE_REGULAR)) {
		r->uri = uri;
		return f == NULL ? request_refuse(r, 500) : PHASE_NEXT;
	}
	/* "$uri/" has matched the folder "/dir", and the URI is "/dir" now. So the client will
	 * be redirected to "/dir/". Otherwise relative links on the page would be wrong. */
	r->uri = wanted;
	return PHASE_PASS;
}

static enum phase_result go_to_last(struct request *r, const struct try_location *l)
{
	struct str target, args = STR_NONE;
	const char *mark;

	if (l->status != 0)
		return request_refuse(r, l->status);
	if (template_eval(r, l->last, &target) < 0)
		return request_refuse(r, 500);
	if (str_starts(target, STR("@")))
		return request_redirect_named(r, target);
	mark = memchr(target.data, '?', target.len);
	if (mark != NULL) {
		args = str_between(mark + 1, target.data + target.len);
		target = str_between(target.data, mark);
	}
	return request_redirect(r, target, args);
}

static enum phase_result try_all(struct request *r)
{
	const struct try_location *l = request_section(r, LEVEL_LOCATION, &try_files_module);

	if (l->names == NULL)
		return PHASE_NEXT;
	r->internal = true; /* from here on, the URI comes from the configuration */
	for (size_t i = 0; i < l->names->count; i++) {
		const struct template *t = ((struct template **)l->names->items)[i];
		enum phase_result result;
		struct str name;

		if (template_eval(r, t, &name) < 0)
			return request_refuse(r, 500);
		if (name.len == 0)
			continue;
		if (uri_of(r, t, &name) < 0)
			return request_refuse(r, 500);
		/* "$uri/" asks for a folder. "$uri" asks for a file, even if the client's URI
		 * ends with a slash. */
		result = try_uri(r, name, str_ends(t->source, STR("/")));
		if (result != PHASE_NEXT)
			return result;
	}
	return go_to_last(r, l);
}

static int setup(struct conf *cf)
{
	return phase_add(cf, PHASE_PRE_CONTENT, try_all);
}

static const struct directive directives[] = {
    {"try_files", IN_SERVER | IN_LOCATION | ARGS_2_MORE, set_try_files, LEVEL_LOCATION},
    {.name = NULL},
};

static const struct http_hooks hooks = {
    .location_size = sizeof(struct try_location),
    .setup_if_asked = setup,
};

struct module try_files_module = {
    .name = "try_files", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
