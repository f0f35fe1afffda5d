/*
 * folder: reads the entries of a folder, for responses that list them.
 *
 * Files whose names begin with a dot are hidden. They are left out.
 */
#ifndef HTTP_FOLDER_H
#define HTTP_FOLDER_H

#include "http/request/request.h"

struct folder_entry {
	struct str name; /* in the pool of the request, followed by a NUL */
	enum { ENTRY_FOLDER, ENTRY_FILE, ENTRY_OTHER } kind;
	int64_t size;
	time_t modified;
};

/* Reads the entries. They have no special order. Returns 0, or the HTTP status to refuse with.
 * In this case the reason has been logged. */
int folder_read(struct request *r, struct str path, struct pool_list *entries);

/* Returns 0 if the path exists, or the HTTP status to refuse with. */
int folder_check(struct request *r, struct str path);

#endif
