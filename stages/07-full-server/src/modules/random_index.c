/*
 * random_index: serves a random file of a folder.
 */
#include <sys/random.h>

#include "http/file/folder.h"
#include "http/request/path.h"
#include "http/site/core.h"

extern struct module random_index_module;

struct random_index_location {
	int on;
};

/* Moves the files to the front of the list. Returns the number of files. */
static size_t keep_files(struct pool_list *entries)
{
	struct folder_entry *e = entries->items;
	size_t kept = 0;

	for (size_t i = 0; i < entries->count; i++)
		if (e[i].kind == ENTRY_FILE)
			e[kept++] = e[i];
	return kept;
}

static enum phase_result redirect_to(struct request *r, struct str name)
{
	struct str uri = pool_print(r->pool, "%.*s%.*s", STR_ARGS(r->uri), STR_ARGS(name));

	return uri.data != NULL ? request_redirect(r, uri, r->args) : request_refuse(r, 500);
}

static enum phase_result serve(struct request *r)
{
	const struct random_index_location *l =
	    request_section(r, LEVEL_LOCATION, &random_index_module);
	struct pool_list entries = {.items = NULL};
	struct str path;
	uint64_t dice;
	size_t files;
	int status;

	if (!l->on || r->uri.data[r->uri.len - 1] != '/' ||
	    !(r->method & (METHOD_GET | METHOD_HEAD | METHOD_POST)))
		return PHASE_NEXT;
	if (request_map_path(r, 0, &path) < 0)
		return request_refuse(r, 500);
	status = folder_read(r, path, &entries);
	if (status != 0)
		return request_refuse(r, status);
	files = keep_files(&entries);
	if (files == 0)
		return PHASE_NEXT;
	/* 64 random bits for a few names, so the remainder is nearly uniform */
	if (getrandom(&dice, sizeof(dice), 0) != sizeof(dice))
		return request_refuse(r, 500);
	return redirect_to(r, ((struct folder_entry *)entries.items)[dice % files].name);
}

static int setup(struct conf *cf)
{
	return phase_add(cf, PHASE_CONTENT, serve);
}

static const struct directive directives[] = {
    {"random_index", IN_LOCATION | ARGS_1, conf_set_flag, LEVEL_LOCATION,
     SETTING(struct random_index_location, on, 0)},
    {.name = NULL},
};

static const struct http_hooks hooks = {
    .location_size = sizeof(struct random_index_location),
    .setup_if_asked = setup,
};

struct module random_index_module = {
    .name = "random_index", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
