#include "http/message/parse.h"

#include <arpa/inet.h>
#include <string.h>

enum char_class {
	IN_TOKEN = 1, /* IN_TOKEN means a tchar of RFC 9110 */
	/* IN_PLAIN_NAME means a letter, a digit or "-". A header name with other characters is
	 * odd, see ignore_invalid_headers. */
	IN_PLAIN_NAME = 2,
	/* IN_PLAIN_PATH means that the byte does not end a path, and needs no normalising */
	IN_PLAIN_PATH = 4,
};

static unsigned char classes[256];
/* label_chars[b] is the byte b in lower case if the label of a host name may contain b.
 * Otherwise it is 0. */
static char label_chars[256];

static bool in(unsigned char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static void __attribute__((constructor)) fill_classes(void)
{
	for (int c = 0; c < 256; c++) {
		bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
		bool digit = c >= '0' && c <= '9';

		if (letter || digit || in((unsigned char)c, "!#$%&'*+-.^_`|~"))
			classes[c] |= IN_TOKEN;
		if (letter || digit || c == '-')
			classes[c] |= IN_PLAIN_NAME;
		if (c > ' ' && c != 0x7f && !in((unsigned char)c, "/%?#"))
			classes[c] |= IN_PLAIN_PATH;
		if (c > ' ' && c != 0x7f &&
		    !in((unsigned char)c, "./\\?#@,;:\"'<>{}|^`()[]%*!&$+="))
			label_chars[c] = char_lower((char)c);
	}
}

static const char *skip_class(const char *at, const char *end, enum char_class class)
{
	while (at < end && classes[(unsigned char)*at] & class)
		at++;
	return at;
}

bool is_token(struct str s)
{
	return s.len > 0 && skip_class(s.data, s.data + s.len, IN_TOKEN) == s.data + s.len;
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
    {{"GET", 3}, METHOD_GET},           {{"HEAD", 4}, METHOD_HEAD},
    {{"POST", 4}, METHOD_POST},         {{"PUT", 3}, METHOD_PUT},
    {{"DELETE", 6}, METHOD_DELETE},     {{"OPTIONS", 7}, METHOD_OPTIONS},
    {{"TRACE", 5}, METHOD_TRACE},       {{"CONNECT", 7}, METHOD_CONNECT},
    {{"PATCH", 5}, METHOD_PATCH},       {{"MKCOL", 5}, METHOD_MKCOL},
    {{"COPY", 4}, METHOD_COPY},         {{"MOVE", 4}, METHOD_MOVE},
    {{"PROPFIND", 8}, METHOD_PROPFIND}, {{"PROPPATCH", 9}, METHOD_PROPPATCH},
    {{"LOCK", 4}, METHOD_LOCK},         {{"UNLOCK", 6}, METHOD_UNLOCK},
};

enum method method_from(struct str name)
{
	for (size_t i = 0; i < COUNT_OF(methods); i++)
		if (str_equal(methods[i].name, name))
			return methods[i].method;
	return METHOD_OTHER;
}

static bool has_lower_case(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.data[i] >= 'a' && name.data[i] <= 'z')
			return true;
	return false;
}

/* Refuses an unknown method with lower-case letters, as nginx does: no registered method
 * contains such letters. */
static bool parse_method(const char **at, const char *end, struct request_line *out)
{
	const char *from = *at, *to = skip_class(from, end, IN_TOKEN);

	if (to == from || to == end || *to != ' ')
		return false;
	out->method_name = str_between(from, to);
	out->method = method_from(out->method_name);
	*at = to + 1;
	return out->method != METHOD_OTHER || !has_lower_case(out->method_name);
}

static bool is_letter(char c)
{
	return char_lower(c) >= 'a' && char_lower(c) <= 'z';
}

static bool is_scheme_char(char c)
{
	return is_letter(c) || char_is_digit(c) || c == '+' || c == '-' || c == '.';
}

/* Skips "http://host:80" before the path. *at moves to the first byte behind the authority,
 * where the path begins if there is one. */
static bool parse_absolute(const char **at, const char *end, struct request_line *out)
{
	const char *from = *at, *to = from;

	while (to < end && is_scheme_char(*to))
		to++;
	/* The scheme must begin with a letter. A redirect may write the server's host name
	 * directly before the target. A target like ".evil.com://" would then change the
	 * host. */
	if (to == from || !is_letter(*from) || end - to < 3 || memcmp(to, "://", 3) != 0)
		return false;
	out->scheme = str_between(from, to);
	from = to += 3;
	while (to < end && *to != '/' && *to != '?' && *to != '#' && *to != ' ')
		to++;
	out->authority = str_between(from, to);
	*at = to;
	return out->authority.len > 0;
}

/* Returns false if a second slash or a dot follows the slash. Such a path may have to be
 * normalised. */
static bool slash_is_plain(const char *slash, const char *end)
{
	return slash + 1 == end || (slash[1] != '/' && slash[1] != '.');
}

static const char *parse_path(const char *at, const char *end, struct request_line *out)
{
	const char *from = at;

	for (;; at++) {
		at = skip_class(at, end, IN_PLAIN_PATH);
		if (at == end || (*at != '/' && *at != '%'))
			break;
		if (*at == '%' || !slash_is_plain(at, end))
			out->plain = false;
	}
	out->path = str_between(from, at);
	return at;
}

/* Skips printable characters and bytes above ASCII, up to a space or a "#". A "#" ends the
 * search, because a target must not contain a fragment. */
static const char *skip_visible(const char *at, const char *end)
{
	while (at < end && (unsigned char)*at > ' ' && *at != 0x7f && *at != '#')
		at++;
	return at;
}

static const char *parse_args(const char *at, const char *end, struct request_line *out)
{
	if (at < end && *at == '?') {
		const char *from = ++at;

		at = skip_visible(at, end);
		out->args = str_between(from, at);
		out->has_args = true;
	}
	return at;
}

static bool parse_target(const char **at, const char *end, struct request_line *out)
{
	const char *from = *at;

	out->plain = true;
	if (from == end)
		return false;
	if (*from == '*' && out->method == METHOD_OPTIONS) {
		out->path = str_between(from, from + 1);
		*at = from + 1;
	} else if (*from == '/' || parse_absolute(at, end, out)) {
		*at = parse_path(*at, end, out);
		if (out->path.len == 0)
			out->path = STR("/");
		*at = parse_args(*at, end, out);
	} else if (out->method == METHOD_CONNECT) {
		*at = skip_visible(from, end);
		if (*at == from)
			return false;
		out->path = STR("/");
	} else {
		return false;
	}
	out->target = str_between(from, *at);
	return true;
}

static int parse_version(struct str text, struct request_line *out)
{
	if (text.len < 8 || memcmp(text.data, "HTTP/", 5) != 0 || text.data[6] != '.')
		return 400;
	if (text.len > 8 || !char_is_digit(text.data[5]) || !char_is_digit(text.data[7]))
		return 400;
	out->version = (text.data[5] - '0') * 1000 + text.data[7] - '0';
	if (out->version >= 2000)
		return 505;
	return out->version < HTTP_10 ? 400 : 0;
}

int parse_request_line(struct str line, struct request_line *out)
{
	const char *at = line.data, *end = line.data + line.len;

	*out = (struct request_line){.version = HTTP_09};
	if (!parse_method(&at, end, out) || !parse_target(&at, end, out))
		return 400;
	if (at == end)
		return out->method == METHOD_GET ? 0 : 400;
	if (*at != ' ')
		return 400;
	return parse_version(str_between(at + 1, end), out);
}

/* Returns true if the text may stand in brackets as in "[v1.x]" (IPvFuture, RFC 3986,
 * 3.2.2). */
static bool is_future_address(struct str text)
{
	const char *at = text.data + 1, *end = text.data + text.len;

	if (text.len < 4 || char_lower(text.data[0]) != 'v')
		return false;
	while (at < end && char_hex(*at) >= 0)
		at++;
	if (at == text.data + 1 || end - at < 2 || *at != '.')
		return false;
	while (++at < end)
		if (!is_letter(*at) && !char_is_digit(*at) &&
		    !in((unsigned char)*at, "-._~!$&'()*+,;=:"))
			return false;
	return true;
}

static bool is_address(struct str text)
{
	char copy[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (text.len >= sizeof(copy))
		return false;
	*put_str(copy, text) = '\0';
	return strlen(copy) == text.len && inet_pton(AF_INET6, copy, &address) == 1;
}

/* Returns true for an empty text, or a colon and the digits of a port. */
static bool is_port(struct str text)
{
	const char *end = text.data + text.len;
	uint32_t port = 0;

	if (text.len > 0 && text.data[0] != ':')
		return false;
	for (const char *at = text.data + 1; at < end; at++) {
		if (!char_is_digit(*at))
			return false;
		port = port * 10 + (uint32_t)(*at - '0');
		if (port > UINT16_MAX)
			return false;
	}
	return true;
}

/* Parses an address in brackets, such as "[::1]". */
static bool take_bracketed(struct str text, char *to, struct str *host)
{
	const char *end = memchr(text.data, ']', text.len);
	struct str inside;

	if (end == NULL)
		return false;
	inside = str_between(text.data + 1, end);
	*host = str_between(to, put_lower(to, str_between(text.data, end + 1)));
	return (is_address(inside) || is_future_address(inside)) &&
	       is_port(str_between(end + 1, text.data + text.len));
}

/* A host name has labels with dots between them. Each label has at least one character. A
 * dot may follow the last label. */
bool parse_authority(struct str text, char *to, struct str *host)
{
	const char *at = text.data, *end = text.data + text.len;
	char *from = to, *label = to, c;

	if (text.len > 0 && *at == '[')
		return take_bracketed(text, to, host);
	for (;; label = to) {
		for (; at < end && (c = label_chars[(unsigned char)*at]) != '\0'; at++)
			*to++ = c;
		if (to == label || at == end || *at != '.')
			break;
		*to++ = *at++;
	}
	if (to > from && to == label)
		to--;
	*host = str_between(from, to);
	return to > from && is_port(str_between(at, end));
}

static bool name_is_odd(struct str name, bool underscores)
{
	const char *end = name.data + name.len;
	const char *at = skip_class(name.data, end, IN_PLAIN_NAME);

	while (at < end && *at == '_' && underscores)
		at = skip_class(at + 1, end, IN_PLAIN_NAME);
	return at < end;
}

/* Returns the end of the token. *all gets the classes that all characters of the token have
 * in common. */
static const char *skip_token(const char *at, const char *end, unsigned *all)
{
	for (*all = ~0u; at < end && classes[(unsigned char)*at] & IN_TOKEN; at++)
		*all &= classes[(unsigned char)*at];
	return at;
}

/* Refuses NUL and CR. Most bytes of a request are in values. memchr is fast, because it tests
 * many bytes in one step. */
static bool is_value(struct str value)
{
	return memchr(value.data, '\0', value.len) == NULL &&
	       memchr(value.data, '\r', value.len) == NULL;
}

enum header_line parse_header_line(struct str line, bool underscores, struct str *name,
				   struct str *value)
{
	const char *end = line.data + line.len;
	unsigned all;
	const char *colon = skip_token(line.data, end, &all);

	if (colon == line.data || colon == end || *colon != ':')
		return HEADER_LINE_BAD;
	*name = str_between(line.data, colon);
	*value = str_trim(str_between(colon + 1, end));
	if (!is_value(*value))
		return HEADER_LINE_BAD;
	if (all & IN_PLAIN_NAME || !name_is_odd(*name, underscores))
		return HEADER_LINE_GOOD;
	return HEADER_LINE_ODD_NAME;
}
