/*
 * stream: the body of a reply, on its way from the other server to the client.
 *
 *     conn --read, decode--> blocks of memory --give--> filters --> client
 *                               |        ^
 *              all are full:    v        |  or the temporary file itself, by sendfile
 *                             temporary file
 *
 * What the client has not taken is bounded: block_max blocks, then max_temp bytes of a file, and
 * then nothing more is read, so that the kernel's buffers fill and the other server has to wait.
 * Without buffering there is one block and no file.
 *
 * The stream knows a connection and a request. Its owner watches the connection, calls
 * stream_read when there is something to read, and stream_room when the client has taken
 * everything that it was given.
 */
#ifndef PROXY_STREAM_H
#define PROXY_STREAM_H

#include "event/conn.h"
#include "http/message/dechunk.h"
#include "http/request/request.h"
#include "io/temp_file.h"
#include "modules/proxy/message/reply.h"

struct block;

enum stream_result {
	STREAM_WAIT,  /* for bytes of the other server, or, if `full`, for the client */
	STREAM_WHOLE, /* the body has been read to its end */
	STREAM_CUT,   /* the body ends too early, or is invalid: `problem` says what is wrong */
	STREAM_LOST,  /* the client is gone, or there is no memory: nothing more can be given */
};

struct stream {
	/* set before stream_begin */
	struct request *r;
	struct conn *conn; /* NULL: nothing more is read */
	enum framing framing;
	int64_t length; /* FRAMING_LENGTH */
	size_t block_size;
	int block_max;
	const struct temp_folder *temp;
	int64_t max_temp, temp_write; /* bytes; max_temp 0: no file */
	int64_t rate;                 /* bytes a second; 0: no limit */
	bool unbuffered;
	/* the client gets nothing: the bytes are only read and passed to on_bytes */
	bool silent;
	bool hold; /* nothing is given before the whole body is there */
	void (*on_bytes)(struct request *r, struct str bytes); /* decoded; NULL */

	/* what has happened */
	int64_t received; /* bytes read from the connection */
	int64_t decoded;  /* bytes of the body */
	bool over;        /* no more bytes will be read: the body is whole, or cut */
	bool whole;
	bool excess;     /* more bytes came than the body has */
	bool full;       /* it does not read: the client has to take some bytes first */
	bool last_given; /* the client was given the last bytes */
	bool busy;       /* the client has not taken everything that it was given */
	/* it has read enough for one turn of the loop: call stream_read in the next turn */
	bool turn_over;
	int64_t rest; /* ms until the rate allows more; 0: it may read now */
	const char *problem;

	/* its own */
	int64_t began, left;
	struct chunked chunked;
	struct block *first, *last, *spare;
	int blocks;
	struct buf *given; /* the buf that was given; a filter may change it */
	char *given_to;    /* where the given bytes end; NULL: they are in the file */
	bool given_file;
	int fd; /* of the temporary file; -1: none */
	struct str path;
	off_t file_sent, file_given, file_end;
};

/* `there`: bytes of the body that were read together with the head. Their memory must stay. */
enum stream_result stream_begin(struct stream *s, struct str there);
enum stream_result stream_read(struct stream *s);
enum stream_result stream_room(struct stream *s);

/* Ends the body here, for a reason that the connection does not know. */
void stream_cut(struct stream *s, const char *problem);

/* Frees its memory. It may be called in every state, also for a stream of zeros. */
void stream_fini(struct stream *s);

#endif
