#include "http/message/uri.h"

static bool decode(struct str from, char *to, struct str *decoded)
{
	const char *at = from.data, *end = from.data + from.len;
	char *start = to;

	while (at < end) {
		if (*at != '%') {
			*to++ = *at++;
			continue;
		}
		if (end - at < 3 || char_hex(at[1]) < 0 || char_hex(at[2]) < 0)
			return false;
		*to = (char)(char_hex(at[1]) << 4 | char_hex(at[2]));
		if (*to++ == '\0')
			return false;
		at += 3;
	}
	*decoded = str_between(start, to);
	return true;
}

static char *segment_before(char *start, char *to)
{
	do
		to--;
	while (to > start && *to != '/');
	return to;
}

/* `start` and the path may be the same memory, because the write position never passes the
 * read position. */
static bool resolve(struct str path, bool merge_slashes, char *start, struct str *normal)
{
	const char *at = path.data, *end = path.data + path.len;
	char *to = start;

	while (at < end) { /* `at` is at a slash */
		const char *segment = at + 1, *next = segment;

		while (next < end && *next != '/')
			next++;
		if (next - segment == 1 && segment[0] == '.') {
			if (next == end)
				*to++ = '/';
		} else if (next - segment == 2 && segment[0] == '.' && segment[1] == '.') {
			if (to == start)
				return false;
			to = segment_before(start, to);
			if (next == end)
				*to++ = '/';
		} else if (next > segment || next == end || !merge_slashes) {
			memmove(to, at, (size_t)(next - at));
			to += next - at;
		}
		at = next;
	}
	*normal = str_between(start, to);
	return to > start;
}

bool uri_normalise(struct str path, bool merge_slashes, char *to, struct str *normal)
{
	struct str decoded;

	if (!decode(path, to, &decoded) || decoded.len == 0 || decoded.data[0] != '/')
		return false;
	return resolve(decoded, merge_slashes, to, normal);
}

static bool is_unreserved(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c != '\0' && strchr("-._~", c) != NULL);
}

static bool must_escape(unsigned char c, enum uri_part part)
{
	if (is_unreserved(c))
		return false;
	if (part == URI_ARG || c == '\0')
		return true;
	return strchr(part != URI_QUERY ? "/!$&'()*+,;=:@" : "/!$'()*,;=:@", c) == NULL;
}

/*
 * Returns the decoded character of an escape like "%41". Returns -1 if there is no escape at
 * `at`, or if the character is not safe in a header line. A control character could end the
 * line. A double quote could end a quoted value. "%" and "#" would change the meaning of the
 * URI.
 */
static int decoded_char(const char *at, const char *end)
{
	int c;

	if (end - at < 3 || *at != '%' || char_hex(at[1]) < 0 || char_hex(at[2]) < 0)
		return -1;
	c = char_hex(at[1]) << 4 | char_hex(at[2]);
	return c > '%' && c < 0x7f ? c : -1;
}

char *put_redirect_target(char *to, struct str s)
{
	const char *at = s.data, *end = s.data + s.len;

	while (at < end) {
		int c = decoded_char(at, end);

		*to = c >= 0 ? (char)c : *at;
		at += c >= 0 ? 3 : 1;
		if (*to++ == '?')
			break;
	}
	return put_str(to, str_between(at, end));
}

char *put_escaped(char *to, struct str s, enum uri_part part)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (must_escape(c, part)) {
			*to++ = '%';
			*to++ = "0123456789ABCDEF"[c >> 4];
			*to++ = "0123456789ABCDEF"[c & 15];
		} else {
			*to++ = (char)c;
		}
	}
	return to;
}

static bool fits_in_uri(char c)
{
	return c > ' ' && c < 0x7f;
}

struct str uri_fit(struct pool *p, struct str s)
{
	char *text, *to;
	size_t i = 0;

	while (i < s.len && fits_in_uri(s.data[i]))
		i++;
	if (i == s.len)
		return s;
	to = text = pool_bytes(p, 3 * s.len);
	if (text == NULL)
		return (struct str){NULL, 0};
	for (i = 0; i < s.len; i++) {
		if (fits_in_uri(s.data[i]))
			*to++ = s.data[i];
		else
			to = put_escaped(to, (struct str){s.data + i, 1}, URI_PATH);
	}
	return str_between(text, to);
}

size_t uri_unescape(struct str s, char *to)
{
	char *start = to;

	for (size_t i = 0; i < s.len; i++) {
		int high = i + 2 < s.len ? char_hex(s.data[i + 1]) : -1;
		int low = i + 2 < s.len ? char_hex(s.data[i + 2]) : -1;

		if (s.data[i] == '%' && high >= 0 && low >= 0) {
			*to++ = (char)(high << 4 | low);
			i += 2;
		} else {
			*to++ = s.data[i];
		}
	}
	return (size_t)(to - start);
}

bool uri_arg(struct str args, struct str name, struct str *value)
{
	struct str item;

	while (str_next_item(&args, '&', &item)) {
		if (item.len > name.len && item.data[name.len] == '=' &&
		    str_equal_nocase((struct str){item.data, name.len}, name)) {
			*value = (struct str){item.data + name.len + 1, item.len - name.len - 1};
			return true;
		}
	}
	return false;
}

/* This function does not use str_next_item, because str_next_item trims spaces, and "/.. /"
 * is an ordinary folder. */
bool uri_is_safe(struct str path)
{
	const char *at = path.data, *end = path.data + path.len;

	if (memchr(path.data, '\0', path.len) != NULL)
		return false;
	for (;;) {
		const char *slash = memchr(at, '/', (size_t)(end - at));

		if (str_equal(str_between(at, slash != NULL ? slash : end), STR("..")))
			return false;
		if (slash == NULL)
			return true;
		at = slash + 1;
	}
}
