#include "base/str.h"

struct str str_from(const char *text)
{
	return (struct str){text, strlen(text)};
}

bool str_equal_nocase(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (char_lower(a.data[i]) != char_lower(b.data[i]))
			return false;
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct str str_trim(struct str s)
{
	while (s.len > 0 && is_blank(s.data[0])) {
		s.data++;
		s.len--;
	}
	while (s.len > 0 && is_blank(s.data[s.len - 1]))
		s.len--;
	return s;
}

bool str_next_item(struct str *list, char separator, struct str *item)
{
	while (list->len > 0) {
		const char *end = memchr(list->data, separator, list->len);
		size_t len = end != NULL ? (size_t)(end - list->data) : list->len;
		size_t step = end != NULL ? len + 1 : len;

		*item = str_trim((struct str){list->data, len});
		list->data += step;
		list->len -= step;
		if (item->len > 0)
			return true;
	}
	return false;
}

int64_t str_to_number(struct str digits)
{
	int64_t n = 0;

	if (digits.len == 0)
		return -1;
	for (size_t i = 0; i < digits.len; i++) {
		int digit = digits.data[i] - '0';

		if (digit < 0 || digit > 9 || n > (INT64_MAX - digit) / 10)
			return -1;
		n = n * 10 + digit;
	}
	return n;
}

int char_hex(char c)
{
	if (char_is_digit(c))
		return c - '0';
	c |= 0x20; /* an upper-case letter becomes the lower-case one */
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
