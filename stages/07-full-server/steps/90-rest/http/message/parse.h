/*
 * parse: parses a request head, line by line, in the read buffer.
 *
 * A line is parsed when it is complete. Until then only the search for its end goes on, from
 * where it stopped: the state between two reads is one number, a read may end after any byte,
 * and no byte is searched twice. Nothing is copied or written, and nothing beyond the given
 * end is read.
 *
 * What RFC 9112 calls invalid is refused here: a bare CR, NUL, a space before
 * the colon, a folded line. An LF alone ends a line, as the RFC allows.
 */
#ifndef HTTP_PARSE_H
#define HTTP_PARSE_H

#include "base/str.h"

enum method {
	METHOD_OTHER = 0, /* a method without a name here */
	METHOD_GET = 1 << 0,
	METHOD_HEAD = 1 << 1,
	METHOD_POST = 1 << 2,
	METHOD_PUT = 1 << 3,
	METHOD_DELETE = 1 << 4,
	METHOD_OPTIONS = 1 << 5,
	METHOD_TRACE = 1 << 6,
	METHOD_CONNECT = 1 << 7,
	METHOD_PATCH = 1 << 8,
};

enum http_version { HTTP_10 = 1000, HTTP_11 = 1001 };

struct request_line {
	struct str method_name;
	enum method method;
	struct str path;  /* not decoded */
	struct str query; /* with its "?"; empty if there was none */
	int version;      /* 1000 * major + minor */
};

/*
 * The line that starts at `line` and is complete before `end`; *line moves
 * behind it, *scan (>= *line) remembers how far the search went. False: not yet.
 */
bool parse_take_line(const char **line, const char **scan, const char *end, struct str *taken);

/* 0, or the status with which to refuse it: 400. */
int parse_request_line(struct str line, struct request_line *out);

bool parse_header_line(struct str line, struct str *name, struct str *value);

#endif
