/*
 * temp_path: the folders that directives like client_body_temp_path name.
 *
 * They are made when the server starts, while it may still be root, for the user of the
 * workers. The default folders, which no directive names, are made with their first file,
 * unless only root can make them.
 */
#ifndef CONF_TEMP_PATH_H
#define CONF_TEMP_PATH_H

#include <sys/types.h>

#include "conf/conf.h"
#include "io/temp_file.h"

struct temp_path {
	struct temp_folder folder; /* must be first: pointers to it are given out */
	bool named;                /* named by a directive */
	struct temp_path *next;
};

/* Setter of xxx_temp_path PATH [level1 [level2 [level3]]], for a member `const struct
 * temp_folder *`. */
int conf_set_temp_path(struct conf *cf, const struct directive *d, void *section);

/* For a directive of another form that names such a folder; NULL after conf_fail. */
struct temp_folder *temp_path_named(struct conf *cf, struct str path);

/* The default folder, when no directive names one; NULL after conf_fail. */
const struct temp_folder *temp_path_default(struct conf *cf, struct str path);

/* `owner`: the user that owns the folders; NULL: this process's user. -1 after conf_fail. */
int temp_paths_create(struct conf *cf, const struct temp_path *list, const uid_t *owner);

#endif
