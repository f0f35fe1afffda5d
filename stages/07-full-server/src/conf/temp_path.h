/*
 * temp_path: the folders for temporary files, which are named by directives like
 * client_body_temp_path.
 *
 * These folders are made when the server starts, while it may still be root, and they belong to
 * the user of the workers. A default folder, which no directive names, is made with its first
 * file. But if the server starts as root and the workers have another user, the default folders
 * are made at the start, too.
 */
#ifndef CONF_TEMP_PATH_H
#define CONF_TEMP_PATH_H

#include <sys/types.h>

#include "conf/conf.h"
#include "io/temp_file.h"

struct temp_path {
	/* must be the first member: other code gets pointers to it */
	struct temp_folder folder;
	bool named; /* named by a directive */
	struct temp_path *next;
};

/* The setter for "xxx_temp_path PATH [level1 [level2 [level3]]]". The member has the type
 * `const struct temp_folder *`. */
int conf_set_temp_path(struct conf *cf, const struct directive *d, void *section);

/* Adds a folder for a directive with other arguments. Returns NULL after conf_fail. */
struct temp_folder *temp_path_named(struct conf *cf, struct str path);

/* Adds the default folder, for the case that no directive names a folder. Returns NULL after
 * conf_fail. */
const struct temp_folder *temp_path_default(struct conf *cf, struct str path);

/* Makes the folders. `owner` is the user that owns them; NULL means the user of this process.
 * Returns -1 after conf_fail. */
int temp_paths_create(struct conf *cf, const struct temp_path *list, const uid_t *owner);

#endif
