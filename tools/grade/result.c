/* result.c - the line of a check in the result. Nothing in it can steer a terminal or break the JSON. */
#include "runner.h"

#include <stdio.h>
#include <string.h>

/* How many bytes are one good UTF-8 character; 0: none, so that the JSON is always good. */
static int utf8_length(const unsigned char *m)
{
	int n = *m < 0x80 ? 1 : *m >= 0xc2 && *m < 0xe0 ? 2 : (*m & 0xf0) == 0xe0 ? 3 : *m >= 0xf0 && *m < 0xf5 ? 4 : 0;

	for (int i = 1; i < n; i++)
		if ((m[i] & 0xc0) != 0x80)
			return 0;
	if ((*m == 0xe0 && m[1] < 0xa0) || (*m == 0xed && m[1] > 0x9f) || (*m == 0xf0 && m[1] < 0x90) ||
	    (*m == 0xf4 && m[1] > 0x8f))
		return 0;
	return n;
}

/* Characters that a terminal obeys, or that show text in another order than it stands there. */
static bool is_trick(const unsigned char *m, int n)
{
	unsigned c = n == 2 ? (m[0] & 31u) << 6 | (m[1] & 63u)
		   : n == 3 ? (m[0] & 15u) << 12 | (m[1] & 63u) << 6 | (m[2] & 63u) : ' ';

	return (c >= 0x80 && c < 0xa0) || (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static void message_print(const char *text)
{
	for (const unsigned char *m = (const unsigned char *)text; *m;) {
		int n = utf8_length(m);

		if (*m == '\n')
			fputs("\\n", stdout);
		else if (*m == '\\')
			fputs("\\\\", stdout);
		else if (n == 0 || *m < ' ' || *m == 0x7f || is_trick(m, n)) {
			printf("\\\\x%02x", *m);
			n = 1;
		} else
			fwrite(m, 1, (size_t)n, stdout);
		m += n ? n : 1;
	}
}

void result_print(const struct check *c)
{
	if (*c->suspect) {
		printf("@reason\tthe check %s: ", c->id);
		message_print(c->suspect);
		putchar('\n');
	}
	printf("%s\t%d\t%d\t%s\t%s\t%s\t%.2f\t%s\t", c->id,
	       strcmp(c->status, "PASS") == 0 ? c->max : 0, c->max, c->status, c->visible,
	       c->milestone, c->seconds, c->title);
	message_print(c->message);
	putchar('\n');
}
