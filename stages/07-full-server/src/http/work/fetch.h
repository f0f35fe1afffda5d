/*
 * fetch: reads a file into memory, one piece at a time. With `aio threads` the loop never waits
 * for the disk:
 *
 *     the page cache has all bytes:      the loop reads them, without a thread
 *     some bytes are not in it:          a thread reads them into memory of the task
 *
 * A request has only one piece of FETCH_PIECE bytes in memory, however long the response is.
 * When these bytes are used, the next piece is read. Without aio threads, a response is sent
 * with sendfile, and only filters that must read the bytes use fetch.
 *
 * The loop opens files. When a file is opened, the kernel may have to wait for the disk. With
 * the open-file cache this happens only once for many requests.
 */
#ifndef HTTP_FETCH_H
#define HTTP_FETCH_H

#include "http/request/request.h"
#include "io/buf.h"

enum { FETCH_PIECE = 65536 };

enum fetch_result {
	FETCH_READY,
	FETCH_WAIT,   /* r->on_writable will be called; then call fetch_bytes again */
	FETCH_FAILED, /* the file cannot be read; the error has been logged */
};

/* Only a filter of the main request may call fetch_bytes. *bytes gets the first bytes of b's
 * file range. They are valid until the next call. */
enum fetch_result fetch_bytes(struct request *r, const struct buf *b, struct str *bytes);

#endif
