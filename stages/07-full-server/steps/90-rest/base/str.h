/*
 * str: a pointer to bytes and their number. Another object owns the bytes.
 *
 * Nothing here ends with a NUL: a request is parsed in the read buffer, and its parts point
 * into it. The bytes live as long as their owner does (a buffer, a pool, the program).
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

static inline struct str str_between(const char *from, const char *to)
{
	return (struct str){from, (size_t)(to - from)};
}

static inline bool str_equal(struct str a, struct str b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

bool str_equal_nocase(struct str a, struct str b);
struct str str_trim(struct str s); /* removes spaces and tabs at both ends */

/* Takes the next item from a list like "a, b;q=1". Returns false at the end of the list. Empty
 * items are skipped. */
bool str_next_item(struct str *list, char separator, struct str *item);

/* Returns the number, or -1 if the string is not only digits or the number is too large. */
int64_t str_to_number(struct str digits);

static inline char char_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static inline bool char_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int char_hex(char c); /* the value of the hex digit, or -1 */

#endif
