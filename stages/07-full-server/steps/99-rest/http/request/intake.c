#include "http/request/intake.h"

/* The buffer is too small for the head: the incomplete line moves to a larger buffer. */
static enum intake grow(struct request *r, struct input **newest)
{
	struct input *in = *newest, *larger;
	size_t part = (size_t)(in->last - in->line);

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

/* 0, or the status to refuse with. */
static int take_line(struct request *r, struct str line, bool *whole)
{
	bool first = r->line.method_name.len == 0;
	struct str name, value;

	if (first && line.len == 0)
		return 0; /* empty lines before a request are allowed */
	if (first)
		return parse_request_line(line, &r->line);
	*whole = line.len == 0;
	return *whole || parse_header_line(line, &name, &value) ? 0 : 400;
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
