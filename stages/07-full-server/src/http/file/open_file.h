/*
 * open_file: a file that the server sends. The struct has the path and the kind of the file,
 * its descriptor or its bytes, and the header lines that all responses with this file share.
 *
 * Files are kept in a cache, and the kernel reports when a file changes (file_watch.h). After a
 * change, the next request opens the file again. A request that already uses the old file
 * finishes with the old file. A small file is kept with its bytes. They are kept only if the
 * file did not change while it was read, so a response is never a mixture of two versions.
 *
 * With `aio threads` the loop does not wait until the bytes come from the disk. A small file
 * that is not in the page cache is opened, but not read. It is called `cold` until its bytes
 * are read (http/work/warm.h).
 */
#ifndef HTTP_OPEN_FILE_H
#define HTTP_OPEN_FILE_H

#include "base/hash.h"
#include "http/file/file_watch.h"
#include "http/request/request.h"

enum file_kind {
	FILE_MISSING, /* `error` is the reason: ENOENT, EACCES, ... */
	FILE_REGULAR,
	FILE_FOLDER,
	FILE_SPECIAL,
};

enum { ETAG_MAX = 40 };

struct open_file {
	struct hash_node node; /* the key is the path */
	enum file_kind kind;
	int error;
	int64_t size;
	time_t modified;
	uint64_t inode, device;
	/* -1 if there is no open descriptor, for example because `bytes` has the whole file */
	int fd;
	bool direct; /* opened with O_DIRECT: reads through fd bypass the page cache */
	char *bytes; /* owned; NULL if the bytes must be read from fd */
	bool cold;   /* a small file whose bytes are not in the page cache */
	char etag_text[ETAG_MAX];
	struct str etag;

	/* The header lines that the last request has made for this file. They are used again if
	 * the location and the type are the same. */
	const struct core_location *prepared_for;
	struct str prepared_type;
	struct str prepared; /* owned by this struct */

	/* A module may parse the bytes, and keep the result for the next request. The result
	 * lives in this pool, and both are destroyed with the file. */
	struct pool *pool; /* NULL until a module stores something */
	void *parsed;

	uint32_t holders; /* the number of references, from requests and from the cache */
	/* the members below are used while the file is in the cache */
	bool cached;
	int64_t checked, used; /* in ms of the monotonic clock */
	struct list by_use;
	struct file_watch watch;
};

extern struct module open_file_module; /* the module of the directives open_file_cache... */

/* Opens the file for a request, which holds it until the request ends. `path` ends with a
 * NUL. Returns NULL if there is no memory. */
struct open_file *open_file_get(struct request *r, struct str path);

/*
 * Returns the open file of this request that has this fd, or NULL. A thread may use a file
 * after the request has ended. Call open_file_hold before the thread starts, and open_file_put
 * when the thread has finished.
 */
struct open_file *open_file_of(const struct request *r, int fd);
void open_file_hold(struct open_file *f);
void open_file_put(struct open_file *f);
/* Stores a copy of the bytes of a cold file. If `bytes` is NULL, the file will be sent from
 * its descriptor. */
void open_file_settle(struct open_file *f, const char *bytes);

/* Returns the status for a file that cannot be served: 404, 403 or 500. Writes the reason to
 * the log. */
int open_file_status(struct request *r, const struct open_file *f, struct str path);

/* Creates a buf for a range of the file, in the pool of the request. Returns NULL if there
 * is no memory. */
struct buf *open_file_buf(struct request *r, struct open_file *f, int64_t from, int64_t to);

#endif
