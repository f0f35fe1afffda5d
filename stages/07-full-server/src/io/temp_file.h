/*
 * temp_file: files with a number for a name, in a folder for such files. With
 * levels, the last digits of the number say in which folder of the folder:
 *
 *     levels 1 2    path/7/45/0000123457
 */
#ifndef IO_TEMP_FILE_H
#define IO_TEMP_FILE_H

#include "mem/pool.h"

enum { TEMP_LEVELS = 3 };

struct temp_folder {
	struct str path;         /* absolute, with a NUL behind it, and without a slash there */
	int levels[TEMP_LEVELS]; /* how many digits each; 0: no further one */
};

/*
 * A new file, for reading and writing, that nobody else has; its path has a
 * NUL behind it. Folders come as they are needed. -1: errno says why.
 */
int temp_file_create(struct pool *p, const struct temp_folder *folder, struct str *path);

#endif
