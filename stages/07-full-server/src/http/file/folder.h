/*
 * folder: the entries of a folder, for answers that are made from them.
 *
 * Names that begin with a dot are hidden, and are left out.
 */
#ifndef HTTP_FOLDER_H
#define HTTP_FOLDER_H

#include "http/request/request.h"

struct folder_entry {
	struct str name; /* in the request's pool, with a NUL behind it */
	enum { ENTRY_FOLDER, ENTRY_FILE, ENTRY_OTHER } kind;
	int64_t size;
	time_t modified;
};

/* Reads the entries, unsorted. Returns 0, or the status to refuse with; the reason has been
 * logged. */
int folder_read(struct request *r, struct str path, struct pool_list *entries);

/* Does the folder exist? Returns 0, or the status to refuse with. */
int folder_check(struct request *r, struct str path);

#endif
