/* feeding.h - feeds a parser, and compares what it tells with what it should tell. */
#pragma once

#include "program.h"

#include <stddef.h>

struct header {
	const char *name, *raw, *value; /* raw: as it stands behind the colon */
};

struct request {
	const char *before, *method, *target, *version;
	struct header headers[6];
	size_t body; /* bytes of body, "abc..."; Content-Length is written by itself */
	const char *end; /* of each line */
};

/* A text that grows. */
struct text {
	char *bytes;
	size_t n, room;
};
void text_add(struct text *t, const char *bytes, size_t n);
void text_say(struct text *t, const char *format, ...) PRINTS(2, 3);
void text_empty(struct text *t);

/* The bytes of a request, and the parts that should be told, a line each. */
void request_bytes(const struct request *r, struct text *to);
void request_parts(const struct request *r, struct text *to);
void request_random(struct request *r);

struct program *puppet(void);

/* A new parser; these bytes, cut at CUTS (CUTS[count - 1] < n). The last status; parts in TOLD. */
int feed(struct program *p, const char *bytes, size_t n, const size_t *cuts, int count, struct text *told);

void expect_parts(const struct text *wanted, const struct text *told, int status);
void expect_request(struct program *p, const struct request *r, const size_t *cuts, int count);
void expect_status(struct program *p, const char *bytes, size_t n, int wanted);

extern const struct request requests[];
extern const int request_count;
