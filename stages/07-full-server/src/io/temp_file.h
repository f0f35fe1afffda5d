/*
 * temp_file: files whose names are numbers, in a folder for such files. With levels, the last
 * digits of the number choose the subfolder:
 *
 *     levels 1 2    path/7/45/0000123457
 */
#ifndef IO_TEMP_FILE_H
#define IO_TEMP_FILE_H

#include "mem/pool.h"

enum { TEMP_LEVELS = 3 };

struct temp_folder {
	struct str path;         /* absolute, with a NUL behind it, and without a slash there */
	int levels[TEMP_LEVELS]; /* digits of each level; 0: no further level */
};

/*
 * Makes a new file for reading and writing; its path has a NUL behind it. Missing folders are
 * made. -1: errno says why.
 */
int temp_file_create(struct pool *p, const struct temp_folder *folder, struct str *path);

/* Makes the missing folders of a path, beginning after its first `from` bytes. The path has a
 * NUL behind it and is not changed. -1: errno says why. */
int folders_make(struct str path, size_t from);

#endif
