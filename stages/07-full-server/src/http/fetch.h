/*
 * fetch: with `aio threads` a file is in memory before it is sent, a piece at a
 * time, and the loop never waits for a disk.
 *
 *     the kernel has it in memory:  read at once, no thread is asked
 *     it has not:                   a thread reads, into memory that is the task's
 *
 * A request has one piece of FETCH_PIECE bytes, whatever it sends, and the next one
 * is read when the socket has taken this one.
 *
 * Opening files is still done in the loop: finding a name may wait for a disk, too,
 * but the open-file cache (http/open_file.h) does that once.
 */
#ifndef HTTP_FETCH_H
#define HTTP_FETCH_H

#include "http/request.h"

enum { FETCH_PIECE = 65536 };

enum fetch_result {
	FETCH_READY,  /* what is at the front of r->pending can be sent */
	FETCH_WAIT,   /* a thread reads; r->on_writable will be called */
	FETCH_LATER,  /* no thread has time: try again */
	FETCH_FAILED, /* the file cannot be read, which has been logged */
};

/* For output.c: r->pending begins with bytes of a file. */
enum fetch_result fetch_front(struct request *r);

#endif
