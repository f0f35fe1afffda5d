/*
 * parse: a request head, line by line, where it lies.
 *
 * A line is parsed when it is there as a whole. Until then only the search for
 * its end goes on, from where it stopped: the state between two reads is one
 * number, any byte may be the last of a read, and nothing is looked at twice.
 * Nothing is copied or written, and nothing beyond the given end is read.
 *
 * What RFC 9112 calls invalid is refused here: a bare CR, NUL, a space before
 * the colon, a folded line. An LF alone ends a line, as the RFC allows.
 */
#ifndef HTTP_PARSE_H
#define HTTP_PARSE_H

#include "base/str.h"

enum method {
	METHOD_OTHER = 0,
	METHOD_GET = 1 << 0,
	METHOD_HEAD = 1 << 1,
	METHOD_POST = 1 << 2,
	METHOD_PUT = 1 << 3,
	METHOD_DELETE = 1 << 4,
	METHOD_OPTIONS = 1 << 5,
	METHOD_TRACE = 1 << 6,
	METHOD_CONNECT = 1 << 7,
	METHOD_PATCH = 1 << 8,
	METHOD_MKCOL = 1 << 9,
	METHOD_COPY = 1 << 10,
	METHOD_MOVE = 1 << 11,
	METHOD_PROPFIND = 1 << 12,
	METHOD_PROPPATCH = 1 << 13,
	METHOD_LOCK = 1 << 14,
	METHOD_UNLOCK = 1 << 15,
};

enum method method_from(struct str name); /* METHOD_OTHER: none that has a name here */

enum http_version { HTTP_09 = 9, HTTP_10 = 1000, HTTP_11 = 1001 };

struct request_line {
	struct str method_name;
	enum method method;
	struct str target; /* as it came */
	struct str scheme, authority; /* of the absolute form; empty otherwise */
	struct str path;   /* not decoded; "/" if the absolute form has none; "*" */
	struct str args;   /* behind the "?" */
	bool has_args;     /* there was a "?" */
	bool plain;        /* the path is normal as it is */
	int version;       /* 1000 * major + minor */
};

/*
 * The line that starts at `line` and is complete before `end`; *line moves
 * behind it, *scan (>= *line) remembers how far the search went. False: not yet.
 */
bool parse_take_line(const char **line, const char **scan, const char *end, struct str *taken);

/* 0, or the status with which to refuse it: 400, 505. */
int parse_request_line(struct str line, struct request_line *out);

/* The name in lower case, host.len bytes at `to`; their end, or NULL: it is none. */
char *parse_host(struct str host, char *to);

enum header_line { HEADER_LINE_GOOD, HEADER_LINE_ODD_NAME, HEADER_LINE_BAD };

/* An odd name is one that ignore_invalid_headers drops; `underscores`: "_" is not odd. */
enum header_line parse_header_line(struct str line, bool underscores, struct str *name,
				   struct str *value);

#endif
