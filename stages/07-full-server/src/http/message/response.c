#include "http/message/response.h"

#include "base/clock.h"

void response_init(struct response *r)
{
	*r = (struct response){
	    .status = 200, .length = LENGTH_UNKNOWN, .last_modified = TIME_UNKNOWN};
}

void response_forget_length(struct response *r)
{
	response_touch(r);
	r->length = LENGTH_UNKNOWN;
	r->ranges_allowed = r->accept_ranges = false;
}

void response_forget_validators(struct response *r)
{
	response_touch(r);
	r->last_modified = TIME_UNKNOWN;
	r->etag = STR_NONE;
}

void response_set_modified(struct response *r, time_t when)
{
	response_touch(r);
	r->last_modified = when < now.second ? when : now.second;
}

static const struct {
	int status;
	struct str reason;
} reasons[] = {
#define REASON(status, text)                                                                       \
	{                                                                                          \
		status,                                                                            \
		{                                                                                  \
			text, sizeof(text) - 1                                                     \
		}                                                                                  \
	}
    REASON(200, "OK"),
    REASON(201, "Created"),
    REASON(202, "Accepted"),
    REASON(204, "No Content"),
    REASON(206, "Partial Content"),
    REASON(301, "Moved Permanently"),
    REASON(302, "Found"),
    REASON(303, "See Other"),
    REASON(304, "Not Modified"),
    REASON(307, "Temporary Redirect"),
    REASON(308, "Permanent Redirect"),
    REASON(400, "Bad Request"),
    REASON(401, "Unauthorized"),
    REASON(402, "Payment Required"),
    REASON(403, "Forbidden"),
    REASON(404, "Not Found"),
    REASON(405, "Method Not Allowed"),
    REASON(406, "Not Acceptable"),
    REASON(408, "Request Timeout"),
    REASON(409, "Conflict"),
    REASON(410, "Gone"),
    REASON(411, "Length Required"),
    REASON(412, "Precondition Failed"),
    REASON(413, "Content Too Large"),
    REASON(414, "URI Too Long"),
    REASON(415, "Unsupported Media Type"),
    REASON(416, "Range Not Satisfiable"),
    REASON(417, "Expectation Failed"),
    REASON(421, "Misdirected Request"),
    REASON(422, "Unprocessable Content"),
    REASON(426, "Upgrade Required"),
    REASON(429, "Too Many Requests"),
    REASON(431, "Request Header Fields Too Large"),
    REASON(500, "Internal Server Error"),
    REASON(501, "Not Implemented"),
    REASON(502, "Bad Gateway"),
    REASON(503, "Service Unavailable"),
    REASON(504, "Gateway Timeout"),
    REASON(505, "HTTP Version Not Supported"),
    REASON(507, "Insufficient Storage"),
};

struct str status_reason(int status)
{
	for (size_t i = 0; i < COUNT_OF(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return STR_NONE;
}
