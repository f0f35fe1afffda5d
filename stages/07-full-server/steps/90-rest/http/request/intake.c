#include "http/request/intake.h"

/* The buffer is too small for the head: the incomplete line moves to a larger buffer. */
static enum intake grow(struct request *r, struct input **newest)
{
	struct input *in = *newest, *larger;
	size_t part = (size_t)(in->last - in->line);

	if (in->line > in->bytes && r->line.method_name.len == 0 && in->older == NULL) {
		/* nothing of this request points into the buffer yet, and the earlier requests
		 * are answered */
		memmove(in->bytes, in->line, part);
		in->line = in->scan = in->bytes;
		in->last = in->bytes + part;
		return INTAKE_MORE;
	}
	if (part >= LARGE_SIZE || r->large_inputs >= LARGE_MAX) {
		r->refusal = r->line.method_name.len == 0 ? 414 : 431;
		return INTAKE_WHOLE;
	}
	larger = input_create(LARGE_SIZE);
	if (larger == NULL)
		return INTAKE_LOST;
	memcpy(larger->bytes, in->line, part);
	larger->last = larger->bytes + part;
	larger->scan = larger->last;
	larger->older = in;
	in->last = in->line; /* it has moved */
	*newest = larger;
	r->large_inputs++;
	return INTAKE_MORE;
}

static void note_connection(struct request *r, struct str value)
{
	struct str token;

	while (str_next_item(&value, ',', &token)) {
		if (str_equal_nocase(token, STR("close")))
			r->wants_close = true;
		else if (str_equal_nocase(token, STR("keep-alive")))
			r->wants_keepalive = true;
	}
}

/* Where the body ends. Two headers that say so are an attack: the server and a proxy in front
 * of it could each believe another one (RFC 9112, 6.3). */
static int take_length(struct request *r, struct str value)
{
	if (r->body.kind != BODY_NONE)
		return 400;
	r->body.kind = BODY_LENGTH;
	r->body.left = str_to_number(value);
	return r->body.left >= 0 ? 0 : 400;
}

static int take_coding(struct request *r, struct str value)
{
	if (r->body.kind != BODY_NONE || r->line.version < HTTP_11)
		return 400;
	r->body.kind = BODY_CHUNKED;
	return str_equal_nocase(value, STR("chunked")) ? 0 : 501;
}

/* What a header says about the connection and the body; the others change nothing. */
static int take_header(struct request *r, struct str name, struct str value)
{
	if (str_equal_nocase(name, STR("Connection")))
		note_connection(r, value);
	else if (str_equal_nocase(name, STR("Host")))
		r->hosts++;
	else if (str_equal_nocase(name, STR("Expect")))
		r->expects = true;
	else if (str_equal_nocase(name, STR("Content-Length")))
		return take_length(r, value);
	else if (str_equal_nocase(name, STR("Transfer-Encoding")))
		return take_coding(r, value);
	return 0;
}

/* From HTTP/1.1 on, a request names its host, and once (RFC 9112, 3.2). */
static int check_host(const struct request *r)
{
	return r->hosts == 1 || (r->hosts == 0 && r->line.version < HTTP_11) ? 0 : 400;
}

/* Returns 0, or the status to refuse with. */
static int take_line(struct request *r, struct str line, bool *whole)
{
	bool first = r->line.method_name.len == 0;
	struct str name, value;

	if (first && line.len == 0)
		return 0; /* empty lines before a request are allowed */
	if (first)
		return parse_request_line(line, &r->line);
	*whole = line.len == 0;
	if (*whole)
		return check_host(r);
	if (!parse_header_line(line, &name, &value))
		return 400;
	return take_header(r, name, value);
}

enum intake intake_head(struct request *r, struct input **newest)
{
	struct input *in = *newest;
	const char *line = in->line, *scan = in->scan;
	struct str taken;

	while (parse_take_line(&line, &scan, in->last, &taken)) {
		bool whole = false;

		in->line = (char *)line;
		in->scan = (char *)line;
		r->refusal = take_line(r, taken, &whole);
		if (whole || r->refusal != 0)
			return INTAKE_WHOLE;
	}
	in->scan = (char *)scan;
	return in->last == in->end ? grow(r, newest) : INTAKE_MORE;
}
