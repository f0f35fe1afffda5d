#include "modules/proxy/message/ask.h"

#include "http/message/version.h"
#include "http/request/value.h"
#include "modules/proxy/message/hop.h"

/* Room for the parts whose size is not computed in ask_build. */
enum { FIXED_LINES = 256 };

static bool is_one_line(struct str s)
{
	return memchr(s.data, '\r', s.len) == NULL && memchr(s.data, '\n', s.len) == NULL &&
	       memchr(s.data, '\0', s.len) == NULL;
}

static const struct header_rule *rule_at(const struct ask *ask, size_t i)
{
	return &((struct header_rule *)ask->rules->items)[i];
}

static size_t rule_count(const struct ask *ask)
{
	return ask->rules != NULL ? ask->rules->count : 0;
}

static bool has_rule(const struct ask *ask, struct str name)
{
	for (size_t i = 0; i < rule_count(ask); i++)
		if (str_equal_nocase(rule_at(ask, i)->name, name))
			return true;
	return false;
}

/* Evaluates the values of all rules, in their order. */
static int eval_rules(struct request *r, struct ask *ask, struct str *values, size_t *size)
{
	for (size_t i = 0; i < rule_count(ask); i++) {
		const struct header_rule *rule = rule_at(ask, i);

		if (template_eval(r, rule->value, &values[i]) < 0)
			return 500;
		if (!is_one_line(values[i])) {
			request_log(r, LOG_ERROR,
				    "the value for the header \"%.*s\" has a line break or NUL",
				    STR_ARGS(rule->name));
			return 400;
		}
		*size += rule->name.len + values[i].len + 4;
		ask->upgrades |= values[i].len > 0 && str_equal_nocase(rule->name, STR("Upgrade"));
	}
	return 0;
}

static char *put_line(char *to, struct str name, struct str value)
{
	to = put_str(to, name);
	to = put_str(to, STR(": "));
	to = put_str(to, value);
	return put_str(to, STR("\r\n"));
}

static char *put_request_line(char *to, const struct ask *ask)
{
	to = put_str(to, ask->method);
	*to++ = ' ';
	to = put_str(to, ask->target);
	return put_str(to, ask->version == HTTP_11 ? STR(" HTTP/1.1\r\n") : STR(" HTTP/1.0\r\n"));
}

static char *put_length(char *to, const struct ask *ask)
{
	if (!ask->has_body)
		return to;
	if (ask->body_length == LENGTH_UNKNOWN)
		return put_str(to, STR("Transfer-Encoding: chunked\r\n"));
	to = put_str(to, STR("Content-Length: "));
	to = put_number(to, (uint64_t)ask->body_length);
	return put_str(to, STR("\r\n"));
}

/* Writes the lines of the rules. A rule with an empty value removes the line. */
static char *put_rules(char *to, const struct ask *ask, const struct str *values)
{
	if (!has_rule(ask, STR("Host")))
		to = put_line(to, STR("Host"), ask->host);
	for (size_t i = 0; i < rule_count(ask); i++)
		if (values[i].len > 0)
			to = put_line(to, rule_at(ask, i)->name, values[i]);
	if (ask->version < HTTP_11 && !has_rule(ask, STR("Connection")))
		to = put_str(to, STR("Connection: close\r\n"));
	return to;
}

static bool is_ours(const struct header *h)
{
	return h->id == HEADER_HOST || h->id == HEADER_CONTENT_LENGTH || h->id == HEADER_EXPECT;
}

static char *put_client_lines(char *to, const struct request *r, const struct ask *ask,
			      const struct hop *hop)
{
	for (size_t i = 0; i < r->in.headers.lines.count; i++) {
		const struct header *h = header_at(&r->in.headers, i);

		if (is_ours(h) || has_rule(ask, h->name) || hop_ends_here(hop, h->name) ||
		    (ask->leaves_out != NULL && ask->leaves_out(h)))
			continue;
		to = put_line(to, h->name, h->value);
	}
	return to;
}

/* Via contains the version of HTTP in which this server has received the request (RFC 9110,
 * 7.6.3). */
static char *put_via(char *to, const struct request *r, const struct ask *ask)
{
	if (has_rule(ask, STR("Via")))
		return to;
	return put_line(to, STR("Via"),
			r->in.line.version >= HTTP_11 ? STR("1.1 " SERVER_NAME)
						      : STR("1.0 " SERVER_NAME));
}

static size_t size_of(const struct header_list *list)
{
	size_t size = 0;

	for (size_t i = 0; i < list->lines.count; i++)
		size += header_at(list, i)->name.len + header_at(list, i)->value.len + 4;
	return size;
}

int ask_build(struct request *r, struct ask *ask, struct str *head)
{
	struct str *values = pool_array(r->pool, rule_count(ask) + 1, sizeof(*values));
	size_t size = FIXED_LINES + ask->method.len + ask->target.len + ask->host.len +
		      size_of(ask->more) + (ask->pass_headers ? size_of(&r->in.headers) : 0);
	struct hop hop;
	char *text, *to;
	int status;

	if (values == NULL)
		return 500;
	if (!hop_collect(&hop, &r->in.headers)) {
		request_log(r, LOG_INFO, "client names too many headers in Connection");
		return 400;
	}
	ask->upgrades = false;
	status = eval_rules(r, ask, values, &size);
	if (status != 0)
		return status;
	to = text = pool_bytes(r->pool, size);
	if (text == NULL)
		return 500;
	to = put_request_line(to, ask);
	to = put_rules(to, ask, values);
	to = put_length(to, ask);
	if (ask->pass_headers)
		to = put_client_lines(to, r, ask, &hop);
	to = put_via(to, r, ask);
	for (size_t i = 0; i < ask->more->lines.count; i++)
		to = put_line(to, header_at(ask->more, i)->name, header_at(ask->more, i)->value);
	to = put_str(to, STR("\r\n"));
	*head = str_between(text, to);
	return 0;
}
