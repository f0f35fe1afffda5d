/*
 * store: a copy of a reply's body in a file (proxy_store). It is written aside and renamed when it
 * is whole, so that nobody finds a part of it.
 */
#ifndef PROXY_STORE_H
#define PROXY_STORE_H

#include "http/request/request.h"
#include "io/temp_file.h"

struct store {
	struct request *r;
	struct str temp, path; /* with a NUL behind them */
	int fd;                /* -1: not open, or it has failed */
	int access;            /* mode */
	off_t size;
};

/* `path`: where it belongs. -1: it cannot be, which is logged. The file ends with the pool. */
int store_open(struct store *s, const struct temp_folder *folder, struct str path);
void store_add(struct store *s, struct str bytes);

/* Whole: it gets its name, and this time of modification (TIME_UNKNOWN: now). */
void store_end(struct store *s, bool whole, time_t modified);

#endif
