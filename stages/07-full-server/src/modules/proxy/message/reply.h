/*
 * reply: parses the head of another server's reply (RFC 9112), in the buffer that holds it.
 *
 * The parser can be continued after every byte. Between two reads, its state is the struct and
 * the two pointers of parse_take_line. The parser copies nothing, so the buffer must stay valid
 * as long as the reply is used.
 *
 * The parser is stricter than a browser, because clients get these bytes under our name. It
 * refuses a reply that two readers could understand differently, and gives a reason for the
 * log. Such replies contain a bare CR or LF, a NUL, a folded line, two lengths, a length
 * together with chunks, or an unknown transfer coding. White space before a colon is removed
 * (RFC 9112, 5.1).
 */
#ifndef PROXY_REPLY_H
#define PROXY_REPLY_H

#include "http/message/header.h"
#include "http/message/parse.h"

/* The header lines that have a meaning for the proxy. */
enum reply_name {
	REPLY_OTHER,
	REPLY_ACCEPT_RANGES,
	REPLY_CACHE_CONTROL,
	REPLY_CONNECTION,
	REPLY_CONTENT_LENGTH,
	REPLY_CONTENT_RANGE,
	REPLY_CONTENT_TYPE,
	REPLY_DATE,
	REPLY_ETAG,
	REPLY_EXPIRES,
	REPLY_KEEP_ALIVE,
	REPLY_LAST_MODIFIED,
	REPLY_LOCATION,
	REPLY_PROXY_CONNECTION,
	REPLY_REFRESH,
	REPLY_SERVER,
	REPLY_SET_COOKIE,
	REPLY_TE,
	REPLY_TRAILER,
	REPLY_TRANSFER_ENCODING,
	REPLY_UPGRADE,
	REPLY_VARY,
	REPLY_VIA,
	REPLY_X_ACCEL_BUFFERING,
	REPLY_X_ACCEL_CHARSET,
	REPLY_X_ACCEL_EXPIRES,
	REPLY_X_ACCEL_LIMIT_RATE,
	REPLY_X_ACCEL_REDIRECT,
	REPLY_X_PAD,
	REPLY_NAMES
};

extern const struct str reply_names[REPLY_NAMES];
enum reply_name reply_identify(struct str name);
/* Does the same for a line of a list. If reply_parse has made the list, no name is compared. */
enum reply_name reply_name_of(const struct header *h);

/* How the end of the body is found. */
enum framing {
	FRAMING_NONE, /* the reply has no body */
	FRAMING_LENGTH,
	FRAMING_CHUNKED,
	/* The body ends when the connection ends. So a broken connection looks like the end of
	 * the body. */
	FRAMING_CLOSE,
	FRAMING_UPGRADE, /* after 101 the bytes belong to another protocol */
};

struct reply {
	int version, status;
	struct str reason;
	struct header_list headers; /* all lines, in the order of the reply */
	enum framing framing;
	/* Content-Length, also in replies to HEAD and in 304; LENGTH_UNKNOWN if there is
	 * none */
	int64_t length;
	bool stays;    /* the server will keep the connection open */
	bool has_line; /* the status line has been parsed */
	bool chunked;
	uint16_t closes, keeps; /* how often Connection contains "close" and "keep-alive" */
	const char *problem;    /* after REPLY_BAD: what is wrong, for the log */
};

enum reply_result { REPLY_MORE, REPLY_WHOLE, REPLY_BAD };

void reply_init(struct reply *reply);

/*
 * Parses the complete lines before `end`. `head_only` means that the method of the request was
 * HEAD. After REPLY_WHOLE, *line points to the first byte after the head.
 */
enum reply_result reply_parse(struct pool *p, struct reply *reply, const char **line,
			      const char **scan, const char *end, bool head_only);

/* Returns the value of the first line with that name, or NULL if there is no such line. */
const struct str *reply_value(const struct reply *reply, enum reply_name name);

#endif
