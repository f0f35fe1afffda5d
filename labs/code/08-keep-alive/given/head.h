/*
 * head.h - the head of a request: where it ends, and its fields. It points into the buffer that
 * it was read from, so it is good until that buffer changes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HEAD_MOST = 8000 };

struct head {
	int minor;          /* of HTTP/1.minor: 0, or 1 for 1 to 9 */
	int64_t body;       /* Content-Length; 0: there is no body */
	const char *fields; /* behind the request line */
	size_t length;      /* of the fields, with the empty line */
};

/*
 * What IN holds: > 0, a whole head of so many bytes, with its empty line; 0, more is needed; <
 * 0, there is no telling where this request ends: -400, -414, -431 or -501.
 */
int head_parse(const char *in, size_t n, struct head *h);

/* A value without the spaces around it. It is no string: it ends after LENGTH bytes. */
struct value {
	const char *text;
	size_t length;
};

/* The next field with this name, in any case. Begin with *AT = 0; false: there is none any
 * more. */
bool head_field(const struct head *h, const char *name, size_t *at, struct value *v);
