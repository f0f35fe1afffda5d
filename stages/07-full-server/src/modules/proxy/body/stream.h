/*
 * stream: moves the body of a reply from the other server to the client.
 *
 *     conn --read, decode--> blocks of memory --give--> filters --> client
 *                               |        ^
 *              all are full:    v        |  or the temporary file itself, by sendfile
 *                             temporary file
 *
 * The stream holds a limited number of bytes that the client has not taken: at most block_max
 * blocks in memory and max_temp bytes in a file. When both are full, the stream stops reading.
 * Then the kernel's buffers fill, and the other server has to wait. Without buffering there is
 * one block and no file.
 *
 * The stream knows one connection and one request. The owner of the stream watches the
 * connection. The owner calls stream_read when the connection is readable. It calls stream_room
 * when the client has taken all bytes that the filters have got.
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
	STREAM_WAIT,  /* wait for bytes of the other server, or, if `full`, for the client */
	STREAM_WHOLE, /* the whole body was read */
	STREAM_CUT,   /* the body ends too early, or is invalid; `problem` says what is wrong */
	STREAM_LOST,  /* the client has left, or there is no memory: the stream cannot go on */
};

struct stream {
	/* set these members before stream_begin */
	struct request *r;
	struct conn *conn; /* NULL means that the stream does not read any more */
	enum framing framing;
	int64_t length; /* for FRAMING_LENGTH */
	size_t block_size;
	int block_max;
	const struct temp_folder *temp;
	int64_t max_temp, temp_write; /* in bytes; max_temp 0 means that there is no file */
	int64_t rate;                 /* bytes per second; 0 means no limit */
	bool unbuffered;
	/* The client gets no bytes. The stream only reads the body and passes the bytes to
	 * on_bytes. */
	bool silent;
	bool hold; /* the filters get nothing until the whole body has been read */
	/* gets decoded bytes; may be NULL */
	void (*on_bytes)(struct request *r, struct str bytes);

	/* results */
	int64_t received; /* bytes that were read from the connection */
	int64_t decoded;  /* bytes of the body after decoding */
	/* the stream will read no more bytes, because the body is whole or cut */
	bool over;
	bool whole;
	bool excess;     /* bytes came after the end of the body */
	bool full;       /* the stream does not read until the client has taken some bytes */
	bool last_given; /* the filters have got the last bytes of the body */
	bool busy;       /* the client has not taken all bytes that the filters have got */
	/* The stream has read enough in this turn of the event loop. Call stream_read in the
	 * next turn. */
	bool turn_over;
	/* ms until the rate allows more bytes; 0 means that the stream may read now */
	int64_t rest;
	const char *problem;

	/* used only by stream.c */
	int64_t began, left;
	struct chunked chunked;
	struct block *first, *last, *spare;
	int blocks;
	struct buf *given; /* the buf that the filters have got last; a filter may change it */
	/* the end of the given bytes in the block; NULL if the given bytes are in the file */
	char *given_to;
	bool given_file;
	int fd; /* the temporary file; -1 means that there is none */
	struct str path;
	off_t file_sent, file_given, file_end;
};

/* `there`: bytes of the body that were read together with the head. The stream uses them in
 * place, so their memory must stay valid. */
enum stream_result stream_begin(struct stream *s, struct str there);
enum stream_result stream_read(struct stream *s);
enum stream_result stream_room(struct stream *s);

/* Ends the body too early, for a reason that the connection cannot report, such as a
 * timeout. */
void stream_cut(struct stream *s, const char *problem);

/* Frees the memory of the stream. This function may be called in every state, also when all
 * members of the struct are zero. */
void stream_fini(struct stream *s);

#endif
