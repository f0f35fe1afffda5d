/* Another way: a table of states and classes of bytes. What a transition does is in its action. */
#include "parser.h"

#include "own.h"

#include <string.h>

enum state { S_BEFORE, S_BEFORE_LF, S_METHOD, S_SLASH, S_TARGET, S_H, S_T1, S_T2, S_P, S_BAR, S_MAJOR, S_DOT, S_MINOR, S_EOL, S_EOL_LF, S_FIELD, S_NAME, S_OWS, S_VALUE, S_VALUE_LF, S_LAST_LF, S_BODY, STATES };
enum class { C_CR, C_LF, C_SP, C_TAB, C_COLON, C_SLASH, C_DIGIT, C_TOKEN, C_OTHER, C_HIGH, C_BAD, CLASSES };

static int class_of(unsigned char c)
{
	if (c == '\r')
		return C_CR;
	if (c == '\n')
		return C_LF;
	if (c == ' ')
		return C_SP;
	if (c == '\t')
		return C_TAB;
	if (c == ':')
		return C_COLON;
	if (c == '/')
		return C_SLASH;
	if (c >= '0' && c <= '9')
		return C_DIGIT;
	if (c < ' ' || c == 0x7f)
		return C_BAD;
	if (c >= 0x80)
		return C_HIGH;
	return strchr("\"(),;<=>?@[\\]{}", c) ? C_OTHER : C_TOKEN;
}

/* Where a byte leads to, plus one; 0: 400. */
#define TOKEN(s) [C_DIGIT] = s + 1, [C_TOKEN] = s + 1
#define TEXT(s) TOKEN(s), [C_COLON] = s + 1, [C_SLASH] = s + 1, [C_OTHER] = s + 1
static const unsigned char next[STATES][CLASSES] = {
    [S_BEFORE] = {[C_CR] = S_BEFORE_LF + 1, [C_LF] = S_BEFORE + 1, TOKEN(S_METHOD)},
    [S_BEFORE_LF] = {[C_LF] = S_BEFORE + 1},
    [S_METHOD] = {[C_SP] = S_SLASH + 1, TOKEN(S_METHOD)},
    [S_SLASH] = {[C_SLASH] = S_TARGET + 1},
    [S_TARGET] = {[C_SP] = S_H + 1, TEXT(S_TARGET)},
    [S_MAJOR] = {[C_DIGIT] = S_DOT + 1},
    [S_MINOR] = {[C_DIGIT] = S_EOL + 1},
    [S_EOL] = {[C_CR] = S_EOL_LF + 1, [C_LF] = S_FIELD + 1},
    [S_EOL_LF] = {[C_LF] = S_FIELD + 1},
    [S_FIELD] = {[C_CR] = S_LAST_LF + 1, [C_LF] = S_BODY + 1, TOKEN(S_NAME)},
    [S_NAME] = {[C_COLON] = S_OWS + 1, TOKEN(S_NAME)},
    [S_OWS] = {[C_SP] = S_OWS + 1, [C_TAB] = S_OWS + 1, [C_CR] = S_VALUE_LF + 1, [C_LF] = S_FIELD + 1, TEXT(S_VALUE), [C_HIGH] = S_VALUE + 1},
    [S_VALUE] = {[C_SP] = S_VALUE + 1, [C_TAB] = S_VALUE + 1, [C_CR] = S_VALUE_LF + 1, [C_LF] = S_FIELD + 1, TEXT(S_VALUE), [C_HIGH] = S_VALUE + 1},
    [S_VALUE_LF] = {[C_LF] = S_FIELD + 1},
    [S_LAST_LF] = {[C_LF] = S_BODY + 1},
};

void parser_init(struct parser *p, void (*on)(void *arg, enum part part, const char *bytes, size_t n), void *arg)
{
	memset(p, 0, sizeof *p);
	p->on = on;
	p->arg = arg;
}

static void word_add(struct parser *p, char c)
{
	if (p->word_length < sizeof p->word - 1)
		p->word[p->word_length++] = c;
	p->word[p->word_length] = '\0';
}

static int method_known(const struct parser *p)
{
	return strcmp(p->word, "GET") == 0 || strcmp(p->word, "HEAD") == 0 || strcmp(p->word, "POST") == 0 || strcmp(p->word, EXTRA_METHOD) == 0;
}

enum { PLAIN, LENGTH };

static int name_done(struct parser *p)
{
	p->field = PLAIN;
	if (strcmp(p->word, "transfer-encoding") == 0)
		return 501;
	if (strcmp(p->word, "content-length") == 0) {
		if (p->has_length)
			return 400;
		p->has_length = true;
		p->field = LENGTH;
	}
	return 0;
}

static int value_byte(struct parser *p, char c, int class)
{
	if (class == C_SP || class == C_TAB) {
		if (p->spaces == SPACES_MOST)
			return 400;
		p->space[p->spaces++] = c;
		return 0;
	}
	if (p->field == LENGTH) {
		if (p->spaces || class != C_DIGIT || p->digits++ == DIGITS_MOST)
			return 400;
		p->body = p->body * 10 + (uint64_t)(c - '0');
	}
	if (p->spaces)
		p->on(p->arg, PART_VALUE, p->space, p->spaces);
	p->spaces = 0;
	p->on(p->arg, PART_VALUE, &c, 1);
	return 0;
}

static void end(struct parser *p)
{
	p->on(p->arg, PART_END, "", 0);
	parser_init(p, p->on, p->arg);
}

static int act(struct parser *p, int from, int to, char c, int class)
{
	switch (to) {
	case S_METHOD:
		word_add(p, c);
		p->on(p->arg, PART_METHOD, &c, 1);
		return 0;
	case S_SLASH:
		return method_known(p) ? 0 : 501;
	case S_TARGET:
		p->on(p->arg, PART_TARGET, &c, 1);
		return 0;
	case S_DOT:
		p->major = (uint8_t)c;
		p->on(p->arg, PART_VERSION, &c, 1);
		return 0;
	case S_EOL:
		p->minor = (uint8_t)c;
		p->on(p->arg, PART_VERSION, ".", 1);
		p->on(p->arg, PART_VERSION, &c, 1);
		return 0;
	case S_EOL_LF:
	case S_FIELD:
		if (from == S_EOL && (p->major != '1' || p->minor > '1'))
			return 505;
		if ((from == S_OWS || from == S_VALUE || from == S_VALUE_LF) && p->field == LENGTH && !p->digits)
			return 400;
		if (from == S_OWS)
			p->on(p->arg, PART_VALUE, "", 0);
		p->spaces = 0;
		return 0;
	case S_NAME:
		if (from == S_FIELD && p->headers++ == HEADERS_MOST)
			return 431;
		if (from == S_FIELD)
			p->word_length = 0;
		word_add(p, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
		p->on(p->arg, PART_NAME, &c, 1);
		return 0;
	case S_OWS:
		return from == S_NAME ? name_done(p) : 0;
	case S_VALUE:
		return value_byte(p, c, class);
	case S_VALUE_LF:
		if (from == S_OWS)
			p->on(p->arg, PART_VALUE, "", 0);
		return 0;
	case S_BODY:
		p->on(p->arg, PART_HEAD_END, "", 0);
		if (p->body == 0)
			end(p);
		return 0;
	}
	return 0;
}

static int in_line(int state, int class)
{
	return class != C_CR && class != C_LF && (state == S_BEFORE || (state >= S_METHOD && state <= S_EOL));
}

static int head_byte(struct parser *p, char c)
{
	static const char fixed[] = "HTTP/";
	int class = class_of((unsigned char)c), from = p->state, to = next[from][class] - 1, status;

	if (in_line(from, class) && p->line++ == LINE_MOST)
		return 414;
	if (p->head++ == HEAD_MOST)
		return 431;
	if (from >= S_H && from <= S_BAR)
		to = c == fixed[from - S_H] ? from + 1 : -1;
	if (from == S_DOT)
		to = c == '.' ? S_MINOR : -1;
	if (to < 0)
		return 400;
	p->state = (uint8_t)to;
	status = act(p, from, to, c, class);
	return status;
}

int parser_feed(struct parser *p, const char *bytes, size_t n)
{
	while (n > 0 && p->status == 0) {
		size_t used = 1;

		if (p->state == S_BODY) {
			used = n < p->body ? n : (size_t)p->body;
			p->on(p->arg, PART_BODY, bytes, used);
			p->body -= used;
			if (p->body == 0)
				end(p);
		} else {
			p->status = head_byte(p, *bytes);
		}
		bytes += used;
		n -= used;
	}
	return p->status;
}
