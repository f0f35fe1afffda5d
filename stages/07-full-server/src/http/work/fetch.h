/*
 * fetch: reads a file into memory, a piece at a time. With `aio threads` the loop never waits
 * for the disk:
 *
 *     the kernel has them in memory:  read at once, no thread is asked
 *     it has not:                     a thread reads, into memory of the task
 *
 * A request has one piece of FETCH_PIECE bytes, however much it sends. The next piece is read
 * when this one is used up. Without aio threads a response is sent by sendfile, and only
 * filters that read the bytes use this.
 *
 * Files are opened in the loop. Finding a name may have to wait for the disk, but the
 * open-file cache does it once for many requests.
 */
#ifndef HTTP_FETCH_H
#define HTTP_FETCH_H

#include "http/request/request.h"
#include "io/buf.h"

enum { FETCH_PIECE = 65536 };

enum fetch_result {
	FETCH_READY,
	FETCH_WAIT,   /* r->on_writable will be called; call it again then */
	FETCH_FAILED, /* the file cannot be read, and that has been logged */
};

/* For a filter of the main request: the first bytes of b's file range, valid until the next
 * call. */
enum fetch_result fetch_bytes(struct request *r, const struct buf *b, struct str *bytes);

#endif
