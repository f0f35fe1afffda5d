/*
 * open_file: a file to be served. It is found by its path, and has its kind, its descriptor or
 * its bytes, and the header lines that every answer with this file has.
 *
 * Files are kept in a cache, and the kernel reports when one of them changes (file_watch.h):
 * the next request opens it again, and requests that use the old file finish with it. Small
 * files are kept with their bytes, which were read without a change in between: an answer is
 * never a mixture of two versions.
 *
 * With `aio threads` the loop does not wait for a disk here: a small file that the kernel does
 * not have in memory is only opened, and is called `cold` (http/work/warm.h).
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
	int fd;      /* -1: its bytes are in `bytes` */
	bool direct; /* O_DIRECT: reads through fd bypass the page cache */
	char *bytes; /* owned; NULL: they must be read from fd */
	bool cold;   /* a small file whose bytes the disk would have to deliver first */
	char etag_text[ETAG_MAX];
	struct str etag;

	/* the header lines, as the location and the type of the last request made them */
	const struct core_location *prepared_for;
	struct str prepared_type;
	struct str prepared; /* owned */

	/* what a module has read in the bytes, for the next request; it lives in this pool, and
	 * ends with the file */
	struct pool *pool; /* NULL: nothing yet */
	void *parsed;

	uint32_t holders; /* references of requests, and of the cache */
	/* used while it is in the cache */
	bool cached;
	int64_t checked, used; /* monotonic ms */
	struct list by_use;
	struct file_watch watch;
};

extern struct module open_file_module; /* open_file_cache and its related directives */

/* Opens the file for a request; it is held until the request ends. `path` ends with a NUL.
 * NULL: no memory. */
struct open_file *open_file_get(struct request *r, struct str path);

/* For a thread, which may use a file after its request has ended: the open file with this fd.
 * NULL: none. */
struct open_file *open_file_of(const struct request *r, int fd);
void open_file_hold(struct open_file *f);
void open_file_put(struct open_file *f);
/* Stores the bytes of a cold file. NULL: it will be sent from its descriptor. */
void open_file_settle(struct open_file *f, const char *bytes);

/* Answers when a file cannot be opened: 404, 403 or 500, with a line in the log. */
int open_file_status(struct request *r, const struct open_file *f, struct str path);

/* Makes a buf of the file, or of a part of it, in the request's pool. NULL: no memory. */
struct buf *open_file_buf(struct request *r, struct open_file *f, int64_t from, int64_t to);

#endif
