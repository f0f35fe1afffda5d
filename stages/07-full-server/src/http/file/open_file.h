/*
 * open_file: a file to be served, looked up by path: what it is, its
 * descriptor or its bytes, and the texts that every answer with it carries.
 *
 * Files that are asked for again are kept in a cache, and the kernel tells when
 * one of them changes (file_watch.h): the next request looks it up anew, and
 * those that hold the old one finish with it. Small files are kept with their
 * bytes, which were read whole and unchanged; no file is ever served torn.
 *
 * With `aio threads` nobody waits for a disk here: a small file that the kernel
 * does not have in memory is opened only, and is `cold` (http/work/warm.h).
 */
#ifndef HTTP_OPEN_FILE_H
#define HTTP_OPEN_FILE_H

#include "base/hash.h"
#include "http/file/file_watch.h"
#include "http/request/request.h"

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
	bool direct; /* fd reads past the page cache, or was asked to */
	char *bytes; /* owned; NULL: read them from fd */
	bool cold;   /* small, but reading it would have meant waiting for the disk */
	char etag_text[ETAG_MAX];
	struct str etag;

	/* the head's lines for the location and the type that asked last */
	const struct core_location *prepared_for;
	struct str prepared_type;
	struct str prepared; /* owned */

	uint32_t holders; /* requests, and the cache */
	/* while it is in the cache */
	bool cached;
	int64_t checked, used; /* monotonic ms */
	struct list by_use;
	struct file_watch watch;
};

extern struct module open_file_module; /* open_file_cache and its like */

/* Held for the request; `path` ends with a NUL. NULL: no memory. */
struct open_file *open_file_get(struct request *r, struct str path);

/* For threads, who may have a file longer than its request: the one with this fd, NULL: none. */
struct open_file *open_file_of(const struct request *r, int fd);
void open_file_hold(struct open_file *f);
void open_file_put(struct open_file *f);
void open_file_settle(struct open_file *f,
		      const char *bytes); /* it is not cold any more; NULL: as it is */

/* The usual answer to a file that is not there: 404, 403 or 500, logged as it should be. */
int open_file_status(struct request *r, const struct open_file *f, struct str path);

/* All of it, or a part, as one buf in the request's pool; NULL: no memory. */
struct buf *open_file_buf(struct request *r, struct open_file *f, int64_t from, int64_t to);

#endif
