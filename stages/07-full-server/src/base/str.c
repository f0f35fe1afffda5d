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

bool str_starts(struct str s, struct str with)
{
	return s.len >= with.len && memcmp(s.data, with.data, with.len) == 0;
}

bool str_ends(struct str s, struct str with)
{
	return s.len >= with.len && memcmp(s.data + s.len - with.len, with.data, with.len) == 0;
}

int str_compare(struct str a, struct str b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = memcmp(a.data, b.data, common);

	if (order != 0)
		return order;
	return (a.len > b.len) - (a.len < b.len);
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
	if (c >= '0' && c <= '9')
		return c - '0';
	c = char_lower(c);
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

int64_t str_to_hex(struct str digits)
{
	int64_t n = 0;

	if (digits.len == 0)
		return -1;
	for (size_t i = 0; i < digits.len; i++) {
		int digit = char_hex(digits.data[i]);

		if (digit < 0 || n > INT64_MAX >> 4)
			return -1;
		n = n << 4 | digit;
	}
	return n;
}

char *put_number(char *to, uint64_t n)
{
	char digits[NUMBER_MAX];
	size_t len = 0;

	do {
		digits[NUMBER_MAX - ++len] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	return (char *)memcpy(to, digits + NUMBER_MAX - len, len) + len;
}

char *put_hex(char *to, uint64_t n)
{
	int shift = 60;

	while (shift > 0 && n >> shift == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*to++ = "0123456789abcdef"[n >> shift & 15];
	return to;
}

char *put_lower(char *to, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		*to++ = char_lower(s.data[i]);
	return to;
}

static int base64_value(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

int64_t base64_decode(struct str text, char *to)
{
	uint32_t bits = 0;
	int count = 0;
	char *start = to;

	while (text.len > 0 && text.data[text.len - 1] == '=')
		text.len--;
	for (size_t i = 0; i < text.len; i++) {
		int value = base64_value(text.data[i]);

		if (value < 0)
			return -1;
		bits = bits << 6 | (uint32_t)value;
		count += 6;
		if (count >= 8) {
			count -= 8;
			*to++ = (char)(bits >> count);
		}
	}
	return to - start;
}
