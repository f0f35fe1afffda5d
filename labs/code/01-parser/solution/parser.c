#include "parser.h"

#include "own.h"

#include <stdbool.h>
#include <string.h>

/* LAB-BEGIN 1: a name for the place between each two bytes */
/*
 *   START -> METHOD -> TARGET -> VERSION -> (CR) -> NAME_FIRST
 *                                                     |     \  an empty line
 *                                                     |      -> BODY or START
 *                            NAME <------------------/
 *                             | ":"                   ^
 *                            BEFORE_VALUE -> VALUE    | the line ends
 *                                            SPACE ---/
 */
enum state {
	START,
	START_LF,
	METHOD,
	TARGET_FIRST,
	TARGET,
	VERSION,
	LINE_LF,
	NAME_FIRST,
	NAME,
	BEFORE_VALUE,
	VALUE,
	SPACE,
	VALUE_LF,
	END_LF,
	BODY
};

static const char *const methods[] = {"GET", "HEAD", "POST", EXTRA_METHOD};
static const char *const names[] = {"content-length", "transfer-encoding"};
enum { METHODS = 4, NAMES = 2, CONTENT_LENGTH = 0, TRANSFER_ENCODING = 1 };

static bool is_token(unsigned char c)
{
	return c > ' ' && c < 0x7f && !strchr("\"(),/:;<=>?@[\\]{}", c);
}

static bool is_text(unsigned char c)
{
	return c >= ' ' && c != 0x7f;
}

/* Which of the known words begin with what has come so far and C? */
static unsigned still(unsigned set, const char *const *words, int count, size_t at, char c)
{
	unsigned left = 0;

	for (int i = 0; i < count; i++)
		if (set >> i & 1 && at < strlen(words[i]) && words[i][at] == c)
			left |= 1u << i;
	return left;
}

/* The one of these words that is complete with AT bytes, or -1. */
static int complete(unsigned set, const char *const *words, int count, size_t at)
{
	for (int i = 0; i < count; i++)
		if (set >> i & 1 && strlen(words[i]) == at)
			return i;
	return -1;
}
/* LAB-ELSE
LAB-END */

/* LAB-BEGIN 1: tell one piece */
static void tell(struct parser *p, enum part part, const char *bytes, size_t n)
{
	p->on(p->arg, part, bytes, n);
}
/* LAB-ELSE
LAB-END */

/* LAB-BEGIN 2: white space that may belong to a value (hold it, tell it only before another byte) */
static void spaces_tell(struct parser *p)
{
	char held[SPACES_MOST];

	for (unsigned i = 0; i < p->spaces; i++)
		held[i] = p->tabs >> i & 1 ? '\t' : ' ';
	tell(p, PART_VALUE, held, p->spaces);
	p->spaces = p->tabs = 0;
}

static int space(struct parser *p, char c)
{
	if (p->spaces == SPACES_MOST)
		return 400;
	p->tabs |= (unsigned)(c == '\t') << p->spaces++;
	return 0;
}
/* LAB-ELSE
LAB-END */

/* LAB-BEGIN 6: the body's length, and where a request ends */
static int digit(struct parser *p, char c)
{
	if (p->name != CONTENT_LENGTH)
		return 0;
	if (c < '0' || c > '9' || p->digits == DIGITS_MOST)
		return 400;
	p->length = p->length * 10 + (c - '0');
	p->digits++;
	return 0;
}

static void request_end(struct parser *p)
{
	tell(p, PART_END, NULL, 0);
	parser_init(p, p->on, p->arg);
}
/* LAB-ELSE
LAB-END */

/* LAB-BEGIN 2: a header begins, has its name, ends; the head ends */
static int header_begin(struct parser *p)
{
	if (p->headers++ == HEADERS_MOST)
		return 431;
	p->at = 0;
	p->names = (1u << NAMES) - 1;
	p->state = NAME;
	return 0;
}

static int name_end(struct parser *p)
{
	p->name = complete(p->names, names, NAMES, p->at);
	if (p->name == TRANSFER_ENCODING)
		return 501;
	if (p->name == CONTENT_LENGTH && p->digits >= 0)
		return 400; /* two lengths */
	if (p->name == CONTENT_LENGTH)
		p->digits = 0;
	p->state = BEFORE_VALUE;
	return 0;
}

static int value_end(struct parser *p, char c)
{
	if (p->name == CONTENT_LENGTH && p->digits == 0)
		return 400;
	p->spaces = p->tabs = 0;
	p->state = c == '\r' ? VALUE_LF : NAME_FIRST;
	return 0;
}

static int head_end(struct parser *p)
{
	tell(p, PART_HEAD_END, NULL, 0);
	if (p->length > 0)
		p->state = BODY;
	else
		request_end(p);
	return 0;
}
/* LAB-ELSE
LAB-END */

/* LAB-BEGIN 1: one byte of the request line */
static int version_byte(struct parser *p, char c)
{
	static const char form[] = "HTTP/d.d";

	if (p->at == sizeof form - 1) {
		if (c != '\r' && c != '\n')
			return 400;
		if (p->versions[0] != '1' || p->versions[1] > '1')
			return 505;
		p->state = c == '\r' ? LINE_LF : NAME_FIRST;
		return 0;
	}
	if (form[p->at] == 'd' ? c < '0' || c > '9' : c != form[p->at])
		return 400;
	if (form[p->at] == 'd')
		p->versions[p->at == 7] = c;
	if (p->at >= 5)
		tell(p, PART_VERSION, &c, 1);
	p->at++;
	return 0;
}

static int line_byte(struct parser *p, char c)
{
	switch (p->state) {
	case START:
		if (c == '\r' || c == '\n') {
			p->state = c == '\r' ? START_LF : START;
			return 0;
		}
		p->state = METHOD;
		/* fall through */
	case METHOD:
		if (c == ' ' && p->at > 0) {
			if (complete(p->methods, methods, METHODS, p->at) < 0)
				return 501;
			p->state = TARGET_FIRST;
			return 0;
		}
		if (!is_token((unsigned char)c))
			return 400;
		p->methods = still(p->methods, methods, METHODS, p->at++, c);
		tell(p, PART_METHOD, &c, 1);
		return 0;
	case TARGET_FIRST:
		if (c != '/')
			return 400;
		p->state = TARGET;
		/* fall through */
	case TARGET:
		if (c == ' ') {
			p->state = VERSION;
			p->at = 0;
			return 0;
		}
		if (c <= ' ' || c == 0x7f)
			return 400;
		tell(p, PART_TARGET, &c, 1);
		return 0;
	default:
		return version_byte(p, c);
	}
}
/* LAB-ELSE
LAB-END */

/* LAB-BEGIN 2: one byte of a header */
static int header_byte(struct parser *p, char c)
{
	int status;

	switch (p->state) {
	case NAME_FIRST:
		if (c == '\n')
			return head_end(p);
		if (c == '\r') {
			p->state = END_LF;
			return 0;
		}
		if (!is_token((unsigned char)c))
			return 400;
		status = header_begin(p);
		if (status)
			return status;
		/* fall through */
	case NAME:
		if (c == ':')
			return name_end(p);
		if (!is_token((unsigned char)c))
			return 400;
		p->names = still(p->names, names, NAMES, p->at++, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
		tell(p, PART_NAME, &c, 1);
		return 0;
	default: /* BEFORE_VALUE, VALUE, SPACE */
		if (p->state == BEFORE_VALUE && c != ' ' && c != '\t')
			tell(p, PART_VALUE, &c, 0); /* even if it is empty */
		if (c == '\r' || c == '\n')
			return value_end(p, c);
		if (c == ' ' || c == '\t') {
			if (p->state == BEFORE_VALUE)
				return 0;
			p->state = SPACE;
			return space(p, c);
		}
		if (!is_text((unsigned char)c))
			return 400;
		if (p->state == SPACE && p->name == CONTENT_LENGTH)
			return 400; /* "1 2" */
		if (p->state == SPACE)
			spaces_tell(p);
		p->state = VALUE;
		tell(p, PART_VALUE, &c, 1);
		return digit(p, c);
	}
}
/* LAB-ELSE
LAB-END */

/* LAB-BEGIN 1: one byte of a head, wherever we are */
static int head_byte(struct parser *p, char c)
{
	if (p->state == START_LF || p->state == LINE_LF || p->state == VALUE_LF || p->state == END_LF) {
		if (c != '\n')
			return 400; /* CR, and no LF behind it */
		if (p->state == END_LF)
			return head_end(p);
		p->state = p->state == START_LF ? START : NAME_FIRST;
		return 0;
	}
	return p->state <= VERSION ? line_byte(p, c) : header_byte(p, c);
}
/* LAB-ELSE
LAB-END */

/* LAB-BEGIN 5: is this byte above a limit? */
static int over_limit(struct parser *p, char c)
{
	bool in_line = p->state >= METHOD && p->state <= VERSION && c != '\r' && c != '\n';

	if (p->state == START && c != '\r' && c != '\n')
		in_line = true;
	if (in_line && p->line++ == LINE_MOST)
		return 414;
	return p->head++ == HEAD_MOST ? 431 : 0;
}
/* LAB-ELSE
LAB-END */

void parser_init(struct parser *p, void (*on)(void *arg, enum part part, const char *bytes, size_t n), void *arg)
{
	memset(p, 0, sizeof *p);
	p->on = on;
	p->arg = arg;
	/* LAB-BEGIN 1: your own fields */
	p->methods = (1u << METHODS) - 1;
	p->name = -1;
	p->digits = -1;
	/* LAB-ELSE
	LAB-END */
}

int parser_feed(struct parser *p, const char *bytes, size_t n)
{
	/* LAB-BEGIN 1: begin with METHOD, TARGET and VERSION, a byte at a time */
	for (size_t i = 0; i < n && !p->refused;) {
		if (p->state == BODY) {
			size_t piece = n - i < (size_t)p->length ? n - i : (size_t)p->length;

			tell(p, PART_BODY, bytes + i, piece);
			p->length -= (long)piece;
			i += piece;
			if (p->length == 0)
				request_end(p);
			continue;
		}
		p->refused = over_limit(p, bytes[i]);
		if (!p->refused)
			p->refused = head_byte(p, bytes[i++]);
	}
	return p->refused;
	/* LAB-ELSE
	(void)p, (void)bytes, (void)n;
	return 501; // nothing is understood yet
	LAB-END */
}
