/*
 * A request's head: lines, the request line, header lines, hosts, and the path made normal.
 *
 * The first byte says where the input is split into two reads: what comes out may not depend on it.
 */
#include <string.h>

#include "fuzz.h"
#include "http/message/header.h"
#include "http/message/parse.h"
#include "http/message/uri.h"

static bool inside(struct str part, struct str whole)
{
	return part.len == 0 ||
	       (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

/* Nothing that leads out of the root, and nothing that a second look would change. */
static void check_normal(struct str normal, bool merge_slashes)
{
	struct str again;
	char *room;

	HOLDS(normal.len > 0 && normal.data[0] == '/');
	HOLDS(memchr(normal.data, '\0', normal.len) == NULL);
	HOLDS(uri_is_safe(normal));
	if (memchr(normal.data, '%', normal.len) != NULL)
		return; /* "%2541": decoding twice would be a mistake */
	room = malloc(normal.len);
	HOLDS(uri_normalise(normal, merge_slashes, room, &again));
	HOLDS(str_equal(normal, again));
	free(room);
}

static void check_path(const struct request_line *line, bool merge_slashes)
{
	char *room = malloc(line->path.len + (line->path.len == 0));
	struct str normal;
	bool good = uri_normalise(line->path, merge_slashes, room, &normal);

	if (good)
		check_normal(normal, merge_slashes);
	if (line->plain && line->path.data[0] == '/')
		HOLDS(good && str_equal(normal, line->path));
	free(room);
}

static void check_request_line(struct str text)
{
	struct request_line line;
	int status = parse_request_line(text, &line);

	HOLDS(status == 0 || status == 400 || status == 505);
	HOLDS(inside(line.method_name, text) && inside(line.target, text));
	HOLDS(inside(line.authority, text) && inside(line.args, text));
	if (status != 0)
		return;
	HOLDS(line.path.len > 0 && line.target.len > 0);
	check_path(&line, true);
	check_path(&line, false);
}

static void check_host(struct str text)
{
	char *lower = malloc(text.len + (text.len == 0));
	struct str host;

	if (parse_authority(text, lower, &host)) {
		HOLDS(host.data == lower && host.len > 0 && host.len <= text.len);
		HOLDS(str_equal_nocase(host, (struct str){text.data, host.len}));
	}
	free(lower);
}

static void check_header_line(struct str text)
{
	struct str name, value;
	enum header_line with = parse_header_line(text, true, &name, &value);
	enum header_line without = parse_header_line(text, false, &name, &value);

	HOLDS((with == HEADER_LINE_BAD) == (without == HEADER_LINE_BAD));
	HOLDS(with != HEADER_LINE_ODD_NAME || without == HEADER_LINE_ODD_NAME);
	if (with == HEADER_LINE_BAD)
		return;
	HOLDS(inside(name, text) && inside(value, text) && name.len > 0);
	HOLDS(memchr(value.data, '\0', value.len) == NULL);
	HOLDS(memchr(value.data, '\r', value.len) == NULL);
	HOLDS(header_identify(name) < HEADER_IDS);
	check_host(value);
}

/* How many bytes the lines took that are whole before `end`; `sum` tells them apart. */
static size_t take_lines(const char *from, const char *split, const char *end, size_t *sum)
{
	const char *line = from, *scan = from;
	struct str taken;

	for (const char *have = split; ; have = end) {
		while (parse_take_line(&line, &scan, have, &taken)) {
			HOLDS(memchr(taken.data, '\n', taken.len) == NULL);
			*sum = *sum * 31 + taken.len;
		}
		HOLDS(line <= scan && scan <= have);
		if (have == end)
			return (size_t)(line - from);
	}
}

static void check_lines(struct str text, size_t split)
{
	const char *end = text.data + text.len;
	size_t whole = 0, parted = 0;

	HOLDS(take_lines(text.data, end, end, &whole) ==
	      take_lines(text.data, text.data + split, end, &parted));
	HOLDS(whole == parted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text, line;
	const char *at, *scan;

	if (size < 2)
		return 0;
	text = (struct str){(const char *)data + 1, size - 1};
	check_lines(text, data[0] % text.len);
	at = scan = text.data;
	for (bool first = true; parse_take_line(&at, &scan, text.data + text.len, &line); first = false) {
		if (first)
			check_request_line(line);
		else
			check_header_line(line);
	}
	return 0;
}
