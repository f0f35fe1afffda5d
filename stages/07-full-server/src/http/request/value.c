#include "http/request/value.h"

/* ---- variables */

/* A request and its subrequests share their values. If one of them sets a value, all of them
 * get this value. */
static struct value *value_at(struct request *r, int index)
{
	struct request *main = r->main;

	if (main->values == NULL)
		main->values =
		    pool_array(main->pool, r->http->variable_list.count, sizeof(*main->values));
	return main->values != NULL ? &main->values[index] : NULL;
}

/* VALUE_ASKED marks a variable while its value is computed. If the value contains the variable
 * itself, the mark stops an endless recursion. */
static void compute(struct request *r, const struct variable *v, struct value *kept)
{
	if (kept->state == VALUE_ASKED) {
		request_log(r, LOG_ERROR, "cycle while evaluating variable \"%.*s\"",
			    STR_ARGS(v->node.key));
		return;
	}
	kept->state = VALUE_ASKED;
	kept->state = v->get != NULL && v->get(r, v, &kept->text) ? VALUE_FOUND : VALUE_ABSENT;
}

bool variable_get(struct request *r, int index, struct str *value)
{
	const struct variable *v = variable_at(r->http, index);
	struct value *kept = value_at(r, index);

	*value = STR_NONE;
	if (kept == NULL)
		return false;
	if (kept->state <= VALUE_ASKED ||
	    (v->changes && v->get != NULL && kept->state != VALUE_SET))
		compute(r, v, kept);
	if (kept->state >= VALUE_FOUND)
		*value = kept->text;
	return kept->state >= VALUE_FOUND;
}

bool variable_get_named(struct request *r, struct str name, struct str *value)
{
	const struct variable *v = variable_find(r->http, name);

	if (v != NULL && v->index != NO_INDEX)
		return variable_get(r, v->index, value);
	*value = STR_NONE;
	if (v != NULL)
		return v->get(r, v, value);
	v = variable_family(r->http, name);
	if (v != NULL) {
		struct variable member = *v;

		member.name = str_between(name.data + v->node.key.len, name.data + name.len);
		return v->get(r, &member, value);
	}
	return false;
}

int variable_set(struct request *r, int index, struct str value)
{
	const struct variable *v = variable_at(r->http, index);
	struct value *kept = value_at(r, index);

	if (kept == NULL)
		return -1;
	if (v->set != NULL)
		return v->set(r, value);
	*kept = (struct value){value, VALUE_SET};
	return 0;
}

/* ---- templates */

bool template_part_value(struct request *r, const struct template_part *part, struct str *value)
{
	uint32_t capture;

	*value = part->text;
	if (part->variable >= 0)
		return variable_get(r, part->variable, value);
	if (part->variable == PART_TEXT)
		return true;
	capture = (uint32_t)(PART_CAPTURE - part->variable);
	*value = capture < r->capture_count ? r->captures[capture] : STR_NONE;
	return capture < r->capture_count;
}

static struct str part_value(struct request *r, const struct template_part *part)
{
	struct str value;

	template_part_value(r, part, &value);
	return value;
}

/* Returns true if the part must be escaped. Captures are parts of a decoded URI, but a query or
 * a Location header needs escaped text. */
static bool is_quoted(const struct template_part *part, const enum uri_part *quote)
{
	return quote != NULL && part->variable <= PART_CAPTURE;
}

static int eval(struct request *r, const struct template *t, const enum uri_part *quote,
		struct str *value)
{
	const struct template_part *parts = t->parts.items;
	size_t size = 0;
	char *text, *to;

	if (t->fixed) {
		*value = t->source;
		return 0;
	}
	if (t->parts.count == 1 && quote == NULL) {
		*value = pool_str_z(r->pool, part_value(r, parts));
		return value->data != NULL ? 0 : -1;
	}
	/* This loop computes the size of the text. It also stores most values in the request,
	 * so the next loop is fast. */
	for (size_t i = 0; i < t->parts.count; i++)
		size += part_value(r, &parts[i]).len * (is_quoted(&parts[i], quote) ? 3 : 1);
	to = text = pool_bytes(r->pool, size + 1);
	if (text == NULL)
		return -1;
	for (size_t i = 0; i < t->parts.count; i++) {
		struct str part = part_value(r, &parts[i]);

		if (is_quoted(&parts[i], quote)) {
			to = put_escaped(to, part, *quote);
			continue;
		}
		/* the value of a variable with `changes` may be longer than in the first
		 * loop */
		if (part.len > size - (size_t)(to - text))
			part.len = size - (size_t)(to - text);
		if (quote != NULL && *quote == URI_REDIRECT && parts[i].variable >= 0)
			to = put_redirect_target(to, part);
		else
			to = put_str(to, part);
	}
	*to = '\0';
	*value = str_between(text, to);
	return 0;
}

int template_eval(struct request *r, const struct template *t, struct str *value)
{
	return eval(r, t, NULL, value);
}

int template_eval_quoted(struct request *r, const struct template *t, enum uri_part quote,
			 struct str *value)
{
	return eval(r, t, &quote, value);
}

bool template_is_true(struct request *r, const struct template *t)
{
	struct str value;

	return template_eval(r, t, &value) == 0 && value.len > 0 && !str_equal(value, STR("0"));
}
