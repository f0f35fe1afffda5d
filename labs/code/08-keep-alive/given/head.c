#include "head.h"

#include <string.h>
#include <strings.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* The bytes of the line at TEXT, with its line end; 0: it has no end. */
static size_t line_length(const char *text, size_t n)
{
	const char *end = memchr(text, '\n', n);

	return end ? (size_t)(end - text) + 1 : 0;
}

static bool is_empty(const char *line, size_t length)
{
	return length == 1 || (length == 2 && line[0] == '\r');
}

/* "GET /a HTTP/1.1": two spaces, and a version that we know. -1: no. */
static int minor_of(const char *line, size_t length)
{
	const char *end = line + length - 1, *space, *version;

	if (end > line && end[-1] == '\r')
		end--;
	space = memchr(line, ' ', (size_t)(end - line));
	if (!space || space == line)
		return -1;
	version = memchr(space + 1, ' ', (size_t)(end - space - 1));
	if (!version || version == space + 1 || end - version != 9 ||
	    memcmp(version, " HTTP/1.", 8) != 0)
		return -1;
	if (version[8] < '0' || version[8] > '9' || memchr(line, '\0', length))
		return -1;
	return version[8] > '0';
}

bool head_field(const struct head *h, const char *name, size_t *at, struct value *v)
{
	size_t n = strlen(name);

	while (*at < h->length) {
		const char *line = h->fields + *at;
		size_t length = line_length(line, h->length - *at);

		*at += length;
		if (length <= n || line[n] != ':' || strncasecmp(line, name, n) != 0)
			continue;
		v->text = line + n + 1;
		v->length = length - n - 1;
		while (v->length > 0 && (is_space(v->text[v->length - 1]) ||
					 strchr("\r\n", v->text[v->length - 1])))
			v->length--;
		while (v->length > 0 && is_space(*v->text)) {
			v->text++;
			v->length--;
		}
		return true;
	}
	return false;
}

/* Each line has a name without spaces, and a colon. */
static bool fields_are_good(const struct head *h)
{
	size_t length;

	for (size_t at = 0; at < h->length; at += length) {
		const char *line = h->fields + at, *colon;

		length = line_length(line, h->length - at);
		if (is_empty(line, length))
			continue;
		colon = memchr(line, ':', length);
		if (!colon || colon == line || memchr(line, '\0', length))
			return false;
		for (const char *c = line; c < colon; c++)
			if (is_space(*c))
				return false;
	}
	return true;
}

/* False: two readers could see two bodies. */
static bool body_read(struct head *h)
{
	struct value v;
	bool have = false;

	h->body = 0;
	for (size_t at = 0; head_field(h, "Content-Length", &at, &v); have = true) {
		int64_t n = 0;

		if (have || v.length == 0 || v.length > 15)
			return false;
		for (size_t i = 0; i < v.length; i++) {
			if (v.text[i] < '0' || v.text[i] > '9')
				return false;
			n = n * 10 + v.text[i] - '0';
		}
		h->body = n;
	}
	return true;
}

int head_parse(const char *in, size_t n, struct head *h)
{
	size_t start = 0, at, length;
	struct value v;

	while ((length = line_length(in + start, n - start)) && is_empty(in + start, length))
		start += length; /* empty lines before a request are allowed */
	if (length == 0)
		return n >= HEAD_MOST ? -414 : 0;
	h->minor = minor_of(in + start, length);
	if (h->minor < 0)
		return -400;
	h->fields = in + start + length;
	at = start + length;
	do {
		length = line_length(in + at, n - at);
		if (length == 0 || at + length > HEAD_MOST)
			return n >= HEAD_MOST ? -431 : 0;
		at += length;
	} while (!is_empty(in + at - length, length));
	h->length = (size_t)(in + at - h->fields);
	if (!fields_are_good(h) || !body_read(h))
		return -400;
	if (at = 0, head_field(h, "Transfer-Encoding", &at, &v))
		return -501;
	return (int)(h->fields + h->length - in);
}
