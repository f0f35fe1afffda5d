#include "modules/ssi/ssi_scan.h"

static const struct str opening = {"<!--#", 5};

static size_t match_opening(size_t matched, struct str input)
{
	size_t i = 0;

	while (matched + i < opening.len && i < input.len &&
	       input.data[i] == opening.data[matched + i])
		i++;
	return i;
}

static struct str take(struct str *input, size_t len)
{
	struct str piece = {input->data, len};

	input->data += len;
	input->len -= len;
	return piece;
}

static void begin_command(struct ssi_scanner *s)
{
	s->matched = 0;
	s->in_command = true;
	s->len = s->dashes = 0;
	s->quote = s->before = 0;
	s->escaped = false;
}

/* The last piece ended with bytes that may begin a command. Compares the next bytes. */
static enum ssi_found resume_opening(struct ssi_scanner *s, struct str *input, struct str *piece)
{
	s->matched += take(input, match_opening(s->matched, *input)).len;
	if (s->matched == opening.len) {
		begin_command(s);
		return SSI_NOTHING;
	}
	if (input->len == 0)
		return SSI_NOTHING;
	*piece = (struct str){opening.data, s->matched};
	s->matched = 0;
	return SSI_TEXT;
}

/* Takes the text before the next command, or up to the end of the input. */
static enum ssi_found scan_text(struct ssi_scanner *s, struct str *input, struct str *piece)
{
	size_t at = 0, same = 0;

	for (; at < input->len; at++) {
		const char *next = memchr(input->data + at, '<', input->len - at);

		at = next != NULL ? (size_t)(next - input->data) : input->len;
		same = match_opening(0, (struct str){input->data + at, input->len - at});
		if (same == opening.len || at + same == input->len)
			break;
	}
	*piece = take(input, at);
	take(input, same);
	if (same == opening.len)
		begin_command(s);
	else
		s->matched = same;
	return piece->len > 0 ? SSI_TEXT : SSI_NOTHING;
}

/* Returns true when `c` is the last byte of the command. "-->" inside of a value does not end
 * the command. A quote begins a value only after "=". */
static bool ends_command(struct ssi_scanner *s, char c)
{
	if (s->quote != 0) {
		if (!s->escaped && c == s->quote)
			s->quote = 0;
		s->escaped = !s->escaped && c == '\\';
		s->before = s->quote != 0 ? c : 0;
		return false;
	}
	if (c == '>' && s->dashes >= 2)
		return true;
	if ((c == '"' || c == '\'') && s->before == '=')
		s->quote = c;
	s->dashes = c == '-' ? s->dashes + 1 : 0;
	if (strchr(" \t\r\n", c) == NULL)
		s->before = c;
	return false;
}

static enum ssi_found scan_command(struct ssi_scanner *s, struct str *input, struct str *piece)
{
	while (input->len > 0) {
		char c = *take(input, 1).data;

		if (ends_command(s, c)) {
			s->in_command = false;
			*piece = (struct str){s->command, s->len - 2};
			return SSI_COMMAND;
		}
		if (s->len == SSI_COMMAND_MAX) {
			s->in_command = false;
			return SSI_TOO_LONG;
		}
		s->command[s->len++] = c;
	}
	return SSI_NOTHING;
}

enum ssi_found ssi_scan(struct ssi_scanner *s, struct str *input, struct str *piece)
{
	enum ssi_found found = SSI_NOTHING;

	while (found == SSI_NOTHING && input->len > 0) {
		if (s->in_command)
			found = scan_command(s, input, piece);
		else if (s->matched > 0)
			found = resume_opening(s, input, piece);
		else
			found = scan_text(s, input, piece);
	}
	return found;
}

struct str ssi_rest(const struct ssi_scanner *s)
{
	return (struct str){opening.data, s->in_command ? 0 : s->matched};
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_space(struct str *text)
{
	while (text->len > 0 && is_space(text->data[0]))
		take(text, 1);
}

static struct str take_word(struct str *text)
{
	size_t len = 0;

	while (len < text->len && !is_space(text->data[len]) && text->data[len] != '=')
		len++;
	return take(text, len);
}

static bool take_value(struct str *text, struct str *value)
{
	char quote = text->len > 0 ? text->data[0] : 0;
	size_t len = 1;

	if (quote != '"' && quote != '\'')
		return false;
	while (len < text->len && text->data[len] != quote)
		len += text->data[len] == '\\' && len + 1 < text->len ? 2 : 1;
	if (len >= text->len)
		return false;
	take(text, 1);
	*value = take(text, len - 1);
	take(text, 1);
	return true;
}

bool ssi_parse_command(struct str text, struct ssi_command *c)
{
	skip_space(&text);
	c->name = take_word(&text);
	c->count = 0;
	for (skip_space(&text); text.len > 0; skip_space(&text)) {
		struct ssi_parameter *p = &c->parameters[c->count++];

		if (c->count > SSI_PARAMETERS_MAX)
			return false;
		p->name = take_word(&text);
		skip_space(&text);
		if (text.len == 0 || *take(&text, 1).data != '=')
			return false;
		skip_space(&text);
		if (!take_value(&text, &p->value))
			return false;
	}
	return c->name.len > 0;
}

const struct str *ssi_parameter(const struct ssi_command *c, struct str name)
{
	for (size_t i = 0; i < c->count; i++)
		if (str_equal(c->parameters[i].name, name))
			return &c->parameters[i].value;
	return NULL;
}
