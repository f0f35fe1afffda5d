#include "base/str.h"

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

int char_hex(char c)
{
	if (char_is_digit(c))
		return c - '0';
	c |= 0x20; /* an upper-case letter becomes the lower-case one */
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
