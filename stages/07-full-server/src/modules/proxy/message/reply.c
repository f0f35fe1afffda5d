#include "modules/proxy/message/reply.h"

#include "http/message/response.h"

#define NAME(text)                                                                                 \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}

const struct str reply_names[REPLY_NAMES] = {
    [REPLY_ACCEPT_RANGES] = NAME("Accept-Ranges"),
    [REPLY_CACHE_CONTROL] = NAME("Cache-Control"),
    [REPLY_CONNECTION] = NAME("Connection"),
    [REPLY_CONTENT_LENGTH] = NAME("Content-Length"),
    [REPLY_CONTENT_RANGE] = NAME("Content-Range"),
    [REPLY_CONTENT_TYPE] = NAME("Content-Type"),
    [REPLY_DATE] = NAME("Date"),
    [REPLY_ETAG] = NAME("ETag"),
    [REPLY_EXPIRES] = NAME("Expires"),
    [REPLY_KEEP_ALIVE] = NAME("Keep-Alive"),
    [REPLY_LAST_MODIFIED] = NAME("Last-Modified"),
    [REPLY_LOCATION] = NAME("Location"),
    [REPLY_PROXY_CONNECTION] = NAME("Proxy-Connection"),
    [REPLY_REFRESH] = NAME("Refresh"),
    [REPLY_SERVER] = NAME("Server"),
    [REPLY_SET_COOKIE] = NAME("Set-Cookie"),
    [REPLY_TE] = NAME("TE"),
    [REPLY_TRAILER] = NAME("Trailer"),
    [REPLY_TRANSFER_ENCODING] = NAME("Transfer-Encoding"),
    [REPLY_UPGRADE] = NAME("Upgrade"),
    [REPLY_VARY] = NAME("Vary"),
    [REPLY_VIA] = NAME("Via"),
    [REPLY_X_ACCEL_BUFFERING] = NAME("X-Accel-Buffering"),
    [REPLY_X_ACCEL_CHARSET] = NAME("X-Accel-Charset"),
    [REPLY_X_ACCEL_EXPIRES] = NAME("X-Accel-Expires"),
    [REPLY_X_ACCEL_LIMIT_RATE] = NAME("X-Accel-Limit-Rate"),
    [REPLY_X_ACCEL_REDIRECT] = NAME("X-Accel-Redirect"),
    [REPLY_X_PAD] = NAME("X-Pad"),
};

/* The names of each length. There are few of them, so a lookup compares few names. */
enum { LENGTHS = 20, SAME_LENGTH = 5 };

static unsigned char by_length[LENGTHS][SAME_LENGTH];

static void __attribute__((constructor)) index_names(void)
{
	for (int name = REPLY_OTHER + 1; name < REPLY_NAMES; name++) {
		unsigned char *slot = by_length[reply_names[name].len];

		while (*slot != 0)
			slot++;
		*slot = (unsigned char)name;
	}
}

enum reply_name reply_identify(struct str name)
{
	if (name.len == 0 || name.len >= LENGTHS)
		return REPLY_OTHER;
	for (const unsigned char *at = by_length[name.len]; *at != 0; at++)
		if (str_equal(reply_names[*at], name) || str_equal_nocase(reply_names[*at], name))
			return *at;
	return REPLY_OTHER;
}

enum { TAG_OF_FIRST = 1 }; /* tag 0 means that the header is not identified yet */

enum reply_name reply_name_of(const struct header *h)
{
	return h->tag != 0 ? (enum reply_name)(h->tag - TAG_OF_FIRST) : reply_identify(h->name);
}

const struct str *reply_value(const struct reply *reply, enum reply_name name)
{
	const struct header *h = header_find(&reply->headers, reply_names[name], 0);

	return h != NULL ? &h->value : NULL;
}

void reply_init(struct reply *reply)
{
	*reply = (struct reply){.reason = STR_NONE, .length = LENGTH_UNKNOWN};
}

static bool bad(struct reply *reply, const char *problem)
{
	reply->problem = problem;
	return false;
}

static bool has_odd_byte(struct str s)
{
	return memchr(s.data, '\0', s.len) != NULL || memchr(s.data, '\r', s.len) != NULL;
}

/* Parses "HTTP/1.1 200 OK". The space after the status is optional, because servers often leave
 * it out. */
static bool take_status_line(struct reply *reply, struct str line)
{
	const char *at = line.data;
	struct str digits = {at + 9, 3};

	if (line.len < 12 || memcmp(at, "HTTP/", 5) != 0 || at[6] != '.' || at[8] != ' ')
		return bad(reply, "no valid status line");
	if (at[5] != '1' || !char_is_digit(at[7]))
		return bad(reply, "another version of HTTP");
	reply->version = HTTP_10 + at[7] - '0';
	reply->status = (int)str_to_number(digits);
	if (reply->status < 100 || (line.len > 12 && at[12] != ' '))
		return bad(reply, "an invalid status");
	if (line.len > 13)
		reply->reason = str_between(at + 13, line.data + line.len);
	reply->has_line = true;
	return !has_odd_byte(line) || bad(reply, "CR or NUL in the status line");
}

/* Compares whole tokens, so "closed" is not "close". */
static void note_connection(struct reply *reply, struct str value)
{
	struct str token;

	while (str_next_item(&value, ',', &token)) {
		reply->closes += str_equal_nocase(token, STR("close"));
		reply->keeps += str_equal_nocase(token, STR("keep-alive"));
	}
}

static bool note_length(struct reply *reply, struct str value)
{
	if (reply->length != LENGTH_UNKNOWN)
		return bad(reply, "two Content-Length lines");
	reply->length = str_to_number(value);
	return reply->length >= 0 || bad(reply, "an invalid Content-Length");
}

static bool note_coding(struct reply *reply, struct str value)
{
	if (reply->chunked)
		return bad(reply, "two Transfer-Encoding lines");
	reply->chunked = str_equal_nocase(value, STR("chunked"));
	return reply->chunked || bad(reply, "an unknown Transfer-Encoding");
}

static bool take_header(struct pool *p, struct reply *reply, struct str line)
{
	const char *end = line.data + line.len, *colon = memchr(line.data, ':', line.len);
	struct str name, value;
	enum reply_name id;
	struct header *h;

	if (line.data[0] == ' ' || line.data[0] == '\t')
		return bad(reply, "a folded header line");
	if (colon == NULL)
		return bad(reply, "a header line without a colon");
	name = str_trim(str_between(line.data, colon));
	value = str_trim(str_between(colon + 1, end));
	if (!is_token(name))
		return bad(reply, "an invalid header name");
	if (has_odd_byte(value))
		return bad(reply, "CR or NUL in a header");
	h = header_add(p, &reply->headers, name, value);
	if (h == NULL)
		return bad(reply, "a head for which there is no memory");
	id = reply_identify(name);
	h->tag = (int)id + TAG_OF_FIRST;
	switch (id) {
	case REPLY_CONNECTION:
		note_connection(reply, value);
		return true;
	case REPLY_CONTENT_LENGTH:
		return note_length(reply, value);
	case REPLY_TRANSFER_ENCODING:
		return note_coding(reply, value);
	default:
		return true;
	}
}

static enum framing framing_of(const struct reply *reply, bool head_only)
{
	if (reply->status == 101)
		return FRAMING_UPGRADE;
	if (head_only || reply->status < 200 || reply->status == 204 || reply->status == 304)
		return FRAMING_NONE;
	if (reply->chunked)
		return FRAMING_CHUNKED;
	return reply->length != LENGTH_UNKNOWN ? FRAMING_LENGTH : FRAMING_CLOSE;
}

/* Checks the rules for the head as a whole (RFC 9112, 6.3). */
static bool settle(struct reply *reply, bool head_only)
{
	if (reply->chunked && reply->version < HTTP_11)
		return bad(reply, "chunks in HTTP/1.0");
	if (reply->chunked && reply->length != LENGTH_UNKNOWN)
		return bad(reply, "both Content-Length and Transfer-Encoding");
	reply->framing = framing_of(reply, head_only);
	reply->stays = reply->framing < FRAMING_CLOSE && reply->closes == 0 &&
		       (reply->version >= HTTP_11 || reply->keeps > 0);
	return true;
}

/* parse_take_line has removed the line end, but its bytes are still in the buffer. */
static bool ends_with_crlf(struct str line)
{
	return line.data[line.len] == '\r';
}

enum reply_result reply_parse(struct pool *p, struct reply *reply, const char **line,
			      const char **scan, const char *end, bool head_only)
{
	struct str taken;

	while (parse_take_line(line, scan, end, &taken)) {
		if (!ends_with_crlf(taken)) {
			bad(reply, "a line that ends with LF alone");
			return REPLY_BAD;
		}
		if (reply->has_line && taken.len == 0)
			return settle(reply, head_only) ? REPLY_WHOLE : REPLY_BAD;
		if (!(reply->has_line ? take_header(p, reply, taken)
				      : take_status_line(reply, taken)))
			return REPLY_BAD;
	}
	return REPLY_MORE;
}
