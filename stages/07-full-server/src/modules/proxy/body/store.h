/*
 * store: a copy of a reply's body in a file (proxy_store). The file has another name until it
 * is whole, so that no process reads a part of it.
 */
#ifndef PROXY_STORE_H
#define PROXY_STORE_H

#include "http/request/request.h"
#include "io/temp_file.h"

struct store {
	struct request *r;
	struct str temp, path; /* with a NUL behind them */
	int fd;                /* -1: not open, or an error has stopped it */
	int access;            /* mode */
	off_t size;
};

/* Begins a file for `path`. -1: that is not possible, and it was logged. The file is removed
 * with the pool, unless it is whole. */
int store_open(struct store *s, const struct temp_folder *folder, struct str path);
void store_add(struct store *s, struct str bytes);

/* The file is whole: gives it its name and this time of modification (TIME_UNKNOWN: now). */
void store_end(struct store *s, bool whole, time_t modified);

#endif
