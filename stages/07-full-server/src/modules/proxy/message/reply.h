/*
 * reply: the head of what another server answers (RFC 9112), parsed in the buffer it came in.
 *
 * Restartable: the state between two reads is the struct and the two pointers of
 * parse_take_line, and a read may end after any byte. Nothing is copied, so the bytes must stay
 * as long as the reply is used.
 *
 * It is stricter than a browser, because what it lets pass goes to clients under our name. A
 * reply is refused, with a reason for the log, when two readers could see different messages
 * in it: a bare CR or LF, a NUL, a folded line, two lengths, a length beside chunks, a transfer
 * coding that is not known. White space before a colon is removed (RFC 9112, 5.1).
 */
#ifndef PROXY_REPLY_H
#define PROXY_REPLY_H

#include "http/message/header.h"
#include "http/message/parse.h"

/* The header lines that the proxy itself looks at. */
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
/* The same for a line of a list. If reply_parse has made the list, the name is known. */
enum reply_name reply_name_of(const struct header *h);

/* Where the body ends. */
enum framing {
	FRAMING_NONE, /* there is no body */
	FRAMING_LENGTH,
	FRAMING_CHUNKED,
	/* it ends with the connection, so its end looks like a broken connection */
	FRAMING_CLOSE,
	FRAMING_UPGRADE, /* 101: what follows is another protocol */
};

struct reply {
	int version, status;
	struct str reason;
	struct header_list headers; /* all lines, in their order */
	enum framing framing;
	int64_t length; /* Content-Length, also in answers to HEAD and in 304; LENGTH_UNKNOWN */
	bool stays;     /* the server will keep the connection open */
	bool has_line;  /* its first line has been parsed */
	bool chunked;
	uint16_t closes, keeps; /* how often Connection says "close", "keep-alive" */
	const char *problem;    /* REPLY_BAD: what is wrong, for the log */
};

enum reply_result { REPLY_MORE, REPLY_WHOLE, REPLY_BAD };

void reply_init(struct reply *reply);

/*
 * Takes the lines that are complete before `end`. `head_only`: the request was HEAD. After
 * REPLY_WHOLE, *line is behind the head.
 */
enum reply_result reply_parse(struct pool *p, struct reply *reply, const char **line,
			      const char **scan, const char *end, bool head_only);

/* The value of the first line with that name. NULL: there is none. */
const struct str *reply_value(const struct reply *reply, enum reply_name name);

#endif
