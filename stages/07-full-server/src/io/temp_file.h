/*
 * temp_file: makes files whose names are numbers, in a folder for such files. If the folder has
 * levels, the last digits of the number choose the subfolder:
 *
 *     levels 1 2    path/7/45/0000123457
 */
#ifndef IO_TEMP_FILE_H
#define IO_TEMP_FILE_H

#include "mem/pool.h"

enum { TEMP_LEVELS = 3 };

struct temp_folder {
	/* an absolute path that ends with a NUL and has no slash at its end */
	struct str path;
	/* the number of digits of each level; 0 means that there is no further level */
	int levels[TEMP_LEVELS];
};

/*
 * Makes a new file and opens it for reading and writing. *path ends with a NUL. Missing folders
 * are made. Returns -1 and sets errno on failure.
 */
int temp_file_create(struct pool *p, const struct temp_folder *folder, struct str *path);

/* Makes the missing folders of a path, beginning after its first `from` bytes. The path must
 * end with a NUL and is not changed. Returns -1 and sets errno on failure. */
int folders_make(struct str path, size_t from);

#endif
