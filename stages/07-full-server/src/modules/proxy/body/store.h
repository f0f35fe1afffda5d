/*
 * store: a copy of a reply's body in a file (proxy_store). Until the file is complete, it has a
 * temporary name. So other processes never read an incomplete file.
 */
#ifndef PROXY_STORE_H
#define PROXY_STORE_H

#include "http/request/request.h"
#include "io/temp_file.h"

struct store {
	struct request *r;
	struct str temp, path; /* each has a NUL after its last byte */
	/* -1 means that the file is not open, or that an error has ended the copy */
	int fd;
	int access; /* the mode of the file */
	off_t size;
};

/* Begins a file for `path`. On failure, writes to the log and returns -1. If the file is
 * incomplete when the pool is destroyed, the file is removed. */
int store_open(struct store *s, const struct temp_folder *folder, struct str path);
void store_add(struct store *s, struct str bytes);

/* Ends the file. If the body is whole, sets the modification time of the file (not for
 * TIME_UNKNOWN) and renames the file to its path. Otherwise removes the file. */
void store_end(struct store *s, bool whole, time_t modified);

#endif
