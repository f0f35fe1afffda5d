/* Another way: whole runs of bytes are found and told at once, one function a place. */
#include "parser.h"

#include "own.h"

#include <stdbool.h>
#include <string.h>

enum where { EMPTY, EMPTY_CR, METHOD, TARGET0, TARGET, HTTP, VERSION_CR, FIRST, NAME, LEAD, VALUE, VALUE_CR, LAST_CR, BODY };
static const char te[] = "transfer-encoding", cl[] = "content-length";

static bool is_token(char c)
{
	return c > 32 && c < 127 && !memchr("\"(),/:;<=>?@[\\]{}", c, 17);
}

static bool is_target(char c)
{
	return c > 32 && c < 127;
}

static bool is_value(char c)
{
	return (unsigned char)c > 32 && c != 127;
}

void parser_init(struct parser *p, void (*on)(void *arg, enum part part, const char *bytes, size_t n), void *arg)
{
	memset(p, 0, sizeof *p);
	p->on = on;
	p->arg = arg;
}

/* The bytes from B to END that are so. */
static size_t run(const char *b, const char *end, bool (*fit)(char))
{
	const char *p = b;

	while (p < end && fit(*p))
		p++;
	return (size_t)(p - b);
}

/* How many of N bytes of the head are allowed still; the line's limit comes first. */
static size_t allowed(struct parser *p, size_t n, bool line)
{
	if (line && n > LINE_MOST - p->line) {
		n = LINE_MOST - p->line;
		p->status = 414;
	}
	if (n > HEAD_MOST - p->head) {
		n = HEAD_MOST - p->head;
		p->status = 431;
	}
	p->head += (unsigned)n;
	if (line)
		p->line += (unsigned)n;
	return n;
}

static void lower_match(struct parser *p, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char c = b[i] >= 'A' && b[i] <= 'Z' ? (char)(b[i] + 32) : b[i];
		size_t at = (size_t)p->matched + i;

		if (at >= sizeof te || te[at] != c)
			p->known &= ~1;
		if (at >= sizeof cl || cl[at] != c)
			p->known &= ~2;
	}
	p->matched = (short)(p->matched + (n < 100 ? n : 100) > 200 ? 200 : p->matched + n);
}

static size_t method(struct parser *p, const char *b, const char *end)
{
	size_t n = allowed(p, run(b, end, is_token), true);

	for (size_t i = 0; i < n; i++, p->matched += p->matched < 11)
		if (p->matched < 11)
			p->method[p->matched] = b[i];
	if (n)
		p->on(p->arg, PART_METHOD, b, n);
	if (p->status || b + n == end)
		return n;
	if (allowed(p, 1, true) == 0)
		return n;
	p->method[p->matched] = '\0';
	if (b[n] != ' ' || p->matched == 0)
		p->status = 400;
	else if (strcmp(p->method, "GET") && strcmp(p->method, "HEAD") && strcmp(p->method, "POST") && strcmp(p->method, EXTRA_METHOD))
		p->status = 501;
	p->where = TARGET0;
	return n + 1;
}

static size_t target(struct parser *p, const char *b, const char *end)
{
	size_t n = run(b, end, is_target);

	if (p->where == TARGET0 && *b != '/') {
		if (allowed(p, 1, true))
			p->status = 400;
		return 1;
	}
	p->where = TARGET;
	n = allowed(p, n, true);
	if (n)
		p->on(p->arg, PART_TARGET, b, n);
	if (p->status || b + n == end)
		return n;
	if (b[n] != '\r' && b[n] != '\n' && allowed(p, 1, true) == 0)
		return n;
	if (b[n] != ' ')
		p->status = 400;
	p->where = HTTP;
	p->matched = 0;
	return n + 1;
}

static size_t http(struct parser *p, const char *b)
{
	static const char form[] = "HTTP/#.#";
	char c = *b;
	bool ends = c == '\r' || c == '\n';

	if (allowed(p, 1, !ends) == 0)
		return 0;
	if (p->matched == 8) {
		if (!ends)
			p->status = 400;
		else if (p->method[0] != '1' || p->method[1] > '1')
			p->status = 505;
		p->where = c == '\r' ? VERSION_CR : FIRST;
		return 1;
	}
	if (form[p->matched] == '#' ? c < '0' || c > '9' : c != form[p->matched])
		p->status = 400;
	if (p->matched == 5)
		p->method[0] = c;
	if (p->matched == 7)
		p->method[1] = c;
	if (p->matched++ >= 5 && !p->status)
		p->on(p->arg, PART_VERSION, b, 1);
	return 1;
}

static void finish(struct parser *p)
{
	p->on(p->arg, PART_END, NULL, 0);
	parser_init(p, p->on, p->arg);
}

static void head_done(struct parser *p)
{
	p->on(p->arg, PART_HEAD_END, NULL, 0);
	p->where = BODY;
	if (p->left == 0)
		finish(p);
}

static size_t name(struct parser *p, const char *b, const char *end)
{
	size_t n;

	if (p->where == FIRST) {
		if (*b == '\r' || *b == '\n') {
			if (allowed(p, 1, false) == 0)
				return 0;
			p->where = LAST_CR;
			if (*b == '\n')
				head_done(p);
			return 1;
		}
		if (!is_token(*b)) {
			if (allowed(p, 1, false))
				p->status = 400;
			return 1;
		}
		if (p->head < HEAD_MOST && p->count++ == HEADERS_MOST) {
			p->status = 431;
			return 1;
		}
		p->where = NAME;
		p->matched = 0;
		p->known = 3;
	}
	n = allowed(p, run(b, end, is_token), false);
	lower_match(p, b, n);
	if (n)
		p->on(p->arg, PART_NAME, b, n);
	if (p->status || b + n == end || allowed(p, 1, false) == 0)
		return n;
	if (b[n] != ':')
		p->status = 400;
	else if (p->known & 1 && p->matched == sizeof te - 1)
		p->status = 501;
	if (!(p->known & 2) || p->matched != sizeof cl - 1)
		p->known = 0;
	else if (p->lengths++)
		p->status = 400;
	p->where = LEAD;
	p->matched = 0; /* digits from here on */
	return n + 1;
}

static void number(struct parser *p, const char *b, size_t n)
{
	if (!p->known)
		return;
	for (size_t i = 0; i < n && !p->status; i++) {
		if (b[i] < '0' || b[i] > '9' || p->matched++ == DIGITS_MOST || p->held)
			p->status = 400;
		p->left = p->left * 10 + (b[i] - '0');
		if (p->status)
			p->left = 0;
	}
}

static size_t value(struct parser *p, const char *b, const char *end)
{
	char spaces[SPACES_MOST];
	size_t n;

	if (*b == ' ' || *b == '\t') {
		if (allowed(p, 1, false) == 0 || p->where == LEAD)
			return 1;
		if (p->held == SPACES_MOST)
			p->status = 400;
		else
			p->tabs |= (unsigned)(*b == '\t') << p->held++;
		return 1;
	}
	if (p->where == LEAD)
		p->on(p->arg, PART_VALUE, NULL, 0);
	p->where = VALUE;
	if (*b == '\r' || *b == '\n') {
		if (allowed(p, 1, false) == 0)
			return 0;
		if (p->known && p->matched == 0)
			p->status = 400;
		p->held = 0;
		p->tabs = 0;
		p->where = *b == '\r' ? VALUE_CR : FIRST;
		return 1;
	}
	n = allowed(p, run(b, end, is_value), false);
	if (n == 0) {
		if (!p->status && allowed(p, 1, false))
			p->status = 400;
		return 1;
	}
	number(p, b, n);
	for (int i = 0; i < p->held; i++)
		spaces[i] = p->tabs >> i & 1 ? '\t' : ' ';
	if (p->held)
		p->on(p->arg, PART_VALUE, spaces, (size_t)p->held);
	p->held = 0;
	p->tabs = 0;
	p->on(p->arg, PART_VALUE, b, n);
	return n;
}

static size_t line_feed(struct parser *p, char c)
{
	if (allowed(p, 1, false) == 0)
		return 0;
	if (c != '\n')
		p->status = 400;
	else if (p->where == LAST_CR)
		head_done(p);
	else
		p->where = p->where == EMPTY_CR ? EMPTY : FIRST;
	return 1;
}

static size_t body(struct parser *p, const char *b, const char *end)
{
	size_t n = end - b < p->left ? (size_t)(end - b) : (size_t)p->left;

	p->on(p->arg, PART_BODY, b, n);
	p->left -= (long)n;
	if (p->left == 0)
		finish(p);
	return n;
}

static size_t empty(struct parser *p, char c)
{
	if (c != '\r' && c != '\n') {
		p->where = METHOD;
		return 0;
	}
	if (allowed(p, 1, false) && c == '\r')
		p->where = EMPTY_CR;
	return 1;
}

int parser_feed(struct parser *p, const char *bytes, size_t n)
{
	const char *b = bytes, *end = bytes + n;

	while (b < end && !p->status)
		switch (p->where) {
		case EMPTY: b += empty(p, *b); break;
		case METHOD: b += method(p, b, end); break;
		case TARGET0:
		case TARGET: b += target(p, b, end); break;
		case HTTP: b += http(p, b); break;
		case FIRST:
		case NAME: b += name(p, b, end); break;
		case LEAD:
		case VALUE: b += value(p, b, end); break;
		case BODY: b += body(p, b, end); break;
		default: b += line_feed(p, *b); break;
		}
	return p->status;
}
