/*
 * open_file: a file to be served, looked up by path: what it is, its
 * descriptor or its bytes, and the texts that every answer with it carries.
 *
 * A file may serve many requests at a time and is held by each until the
 * request's pool goes; a file that was changed meanwhile is looked up anew by
 * the next request, and those that hold the old one finish with it.
 */
#ifndef HTTP_OPEN_FILE_H
#define HTTP_OPEN_FILE_H

#include "base/hash.h"
#include "http/request.h"

enum file_kind {
	FILE_MISSING, /* `error` says why: ENOENT, EACCES, ... */
	FILE_REGULAR,
	FILE_FOLDER,
	FILE_SPECIAL,
};

enum { ETAG_MAX = 40 };

struct open_file {
	struct hash_node node; /* key: the path */
	enum file_kind kind;
	int error;
	int64_t size;
	time_t modified;
	uint64_t inode, device;
	int fd;      /* -1: the bytes are here */
	char *bytes; /* owned; NULL: read them from fd */
	char etag_text[ETAG_MAX];
	struct str etag;

	/* the head's lines for the location and the type that asked last */
	const struct core_location *prepared_for;
	struct str prepared_type;
	struct str prepared; /* owned */

	uint32_t holders;
};

/* Held for the request; `path` ends with a NUL. NULL: no memory. */
struct open_file *open_file_get(struct request *r, struct str path);

/* The usual answer to a file that is not there: 404, 403 or 500, logged as it should be. */
int open_file_status(struct request *r, const struct open_file *f, struct str path);

/* All of it, or a part, as one buf in the request's pool; NULL: no memory. */
struct buf *open_file_buf(struct request *r, const struct open_file *f, int64_t from, int64_t to);

#endif
