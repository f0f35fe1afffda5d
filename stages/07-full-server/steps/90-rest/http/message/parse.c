#include "http/message/parse.h"

#include <ctype.h>

/* RFC 9110, 5.6.2 */
static bool is_token_char(char c)
{
	return isalnum((unsigned char)c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_token_char(s.data[i]))
			return false;
	return s.len > 0;
}

bool parse_take_line(const char **line, const char **scan, const char *end, struct str *taken)
{
	const char *newline = memchr(*scan, '\n', (size_t)(end - *scan));

	if (newline == NULL) {
		*scan = end;
		return false;
	}
	*taken = str_between(*line, newline);
	if (taken->len > 0 && newline[-1] == '\r')
		taken->len--;
	*line = *scan = newline + 1;
	return true;
}

static const struct {
	struct str name;
	enum method method;
} methods[] = {
    {{"GET", 3}, METHOD_GET},       {{"HEAD", 4}, METHOD_HEAD},
    {{"POST", 4}, METHOD_POST},     {{"PUT", 3}, METHOD_PUT},
    {{"DELETE", 6}, METHOD_DELETE}, {{"OPTIONS", 7}, METHOD_OPTIONS},
    {{"TRACE", 5}, METHOD_TRACE},   {{"CONNECT", 7}, METHOD_CONNECT},
    {{"PATCH", 5}, METHOD_PATCH},
};

static enum method method_from(struct str name)
{
	for (size_t i = 0; i < COUNT_OF(methods); i++)
		if (str_equal(methods[i].name, name))
			return methods[i].method;
	return METHOD_OTHER;
}

/* The bytes before the next space; false: there is none. */
static bool take_word(struct str *rest, struct str *word)
{
	const char *end = rest->data + rest->len;
	const char *space = memchr(rest->data, ' ', rest->len);

	if (space == NULL)
		return false;
	*word = str_between(rest->data, space);
	*rest = str_between(space + 1, end);
	return true;
}

/* "/a/b?c=d": a slash, then printable bytes and all above ASCII. */
static bool parse_target(struct str target, struct request_line *out)
{
	const char *end = target.data + target.len;
	const char *mark = memchr(target.data, '?', target.len);

	if (target.len == 0 || target.data[0] != '/')
		return false;
	for (size_t i = 0; i < target.len; i++)
		if ((unsigned char)target.data[i] < ' ' || target.data[i] == 0x7f)
			return false;
	out->path = str_between(target.data, mark != NULL ? mark : end);
	out->query = str_between(out->path.data + out->path.len, end);
	return true;
}

static bool parse_version(struct str text, struct request_line *out)
{
	if (text.len != 8 || memcmp(text.data, "HTTP/1.", 7) != 0 ||
	    !char_is_digit(text.data[7]))
		return false;
	out->version = 1000 + text.data[7] - '0';
	return true;
}

int parse_request_line(struct str line, struct request_line *out)
{
	struct str rest = line, target;

	if (!take_word(&rest, &out->method_name) || !take_word(&rest, &target))
		return 400;
	out->method = method_from(out->method_name);
	return is_token(out->method_name) && parse_target(target, out) &&
		       parse_version(rest, out)
		   ? 0
		   : 400;
}

/* memchr tests many bytes at once, and header values are most of a request. */
static bool is_value(struct str value)
{
	return memchr(value.data, '\0', value.len) == NULL &&
	       memchr(value.data, '\r', value.len) == NULL;
}

bool parse_header_line(struct str line, struct str *name, struct str *value)
{
	const char *colon = memchr(line.data, ':', line.len);

	if (colon == NULL)
		return false;
	*name = str_between(line.data, colon);
	*value = str_trim(str_between(colon + 1, line.data + line.len));
	return is_token(*name) && is_value(*value);
}
