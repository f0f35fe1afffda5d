#include "conf/temp_path.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/value.h"

static struct temp_path *add(struct conf *cf, struct str path, bool named)
{
	struct temp_path *t = pool_zalloc(cf->pool, sizeof(*t));

	if (path.len > 1 && str_ends(path, STR("/")))
		path.len--;
	path = conf_path(cf, path);
	if (t != NULL)
		t->folder.path = pool_str_z(cf->pool, path);
	if (t == NULL || t->folder.path.data == NULL) {
		conf_no_memory(cf);
		return NULL;
	}
	t->named = named;
	t->next = *cf->temp_paths;
	*cf->temp_paths = t;
	return t;
}

int conf_set_temp_path(struct conf *cf, const struct directive *d, void *section)
{
	const struct temp_folder **place = (const struct temp_folder **)((char *)section + d->at);
	struct temp_path *t;

	if (*place != NULL)
		return conf_duplicate(cf);
	t = add(cf, cf->args[1], true);
	if (t == NULL)
		return -1;
	for (uint32_t i = 2; i < cf->arg_count; i++) {
		int64_t digits = str_to_number(cf->args[i]);

		if (digits < 1 || digits > 3)
			return conf_bad_value(cf, cf->args[i]);
		t->folder.levels[i - 2] = (int)digits;
	}
	*place = &t->folder;
	return 0;
}

struct temp_folder *temp_path_named(struct conf *cf, struct str path)
{
	struct temp_path *t = add(cf, path, true);

	return t != NULL ? &t->folder : NULL;
}

const struct temp_folder *temp_path_default(struct conf *cf, struct str path)
{
	struct str full = conf_path(cf, path);
	struct temp_path *t;

	for (t = *cf->temp_paths; t != NULL; t = t->next)
		if (!t->named && str_equal(t->folder.path, full))
			return &t->folder;
	t = add(cf, path, false);
	return t != NULL ? &t->folder : NULL;
}

int temp_paths_create(struct conf *cf, const struct temp_path *list, const uid_t *owner)
{
	for (const struct temp_path *t = list; t != NULL; t = t->next) {
		const char *path = t->folder.path.data;

		if (!t->named && owner == NULL)
			continue;
		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			return conf_fail(cf, "mkdir(\"%s\"): %s (%d)", path, strerror(errno),
					 errno);
		if (owner != NULL && chown(path, *owner, (gid_t)-1) < 0)
			return conf_fail(cf, "chown(\"%s\"): %s (%d)", path, strerror(errno),
					 errno);
	}
	return 0;
}
