/*
 * str: a run of bytes that somebody else owns.
 *
 * Nothing here ends with a NUL unless it says so: a request is parsed where it
 * lies, and its parts point into the read buffer. The bytes live as long as
 * their owner does (a buffer, a pool, the program).
 *
 * put_*: append to a buffer that the caller knows to be large enough; they
 * return the place behind what they wrote.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *data;
	size_t len;
};

#define STR(literal)   ((struct str){"" literal, sizeof(literal) - 1})
#define STR_NONE       ((struct str){"", 0})
#define STR_ARGS(s)    (int)(s).len, (s).data /* for "%.*s" */
#define COUNT_OF(list) (sizeof(list) / sizeof((list)[0]))

struct str str_from(const char *text);
struct str str_between(const char *from, const char *to);

static inline bool str_equal(struct str a, struct str b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

bool str_equal_nocase(struct str a, struct str b);
bool str_starts(struct str s, struct str with);
bool str_ends(struct str s, struct str with);
int str_compare(struct str a, struct str b);
struct str str_trim(struct str s); /* spaces and tabs at both ends */

/* The next piece of a list like "a, b;q=1"; false at its end. Empty pieces are skipped. */
bool str_next_item(struct str *list, char separator, struct str *item);

/* Whole-string numbers; -1 when it is none or does not fit. */
int64_t str_to_number(struct str digits);
int64_t str_to_hex(struct str digits);

static inline char char_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static inline bool char_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int char_hex(char c); /* its value, or -1 */

static inline char *put_str(char *to, struct str s)
{
	return (char *)memcpy(to, s.data, s.len) + s.len;
}

/* What base64 stands for; `to` has room for 3 bytes of each 4. -1: it is none. */
int64_t base64_decode(struct str text, char *to);

enum { NUMBER_MAX = 20 }; /* digits of the largest 64-bit number */

char *put_number(char *to, uint64_t n);
char *put_hex(char *to, uint64_t n);
char *put_lower(char *to, struct str s);

#endif
