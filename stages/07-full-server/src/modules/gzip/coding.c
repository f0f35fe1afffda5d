#include "modules/gzip/coding.h"

extern struct module coding_module;

struct coding_location {
	int vary;
};

enum { Q_ONE = 1000, Q_UNSET = -1 };

/* Reads "1", "0.5" or "0.125" as thousandths. Any other text counts as 0. */
static int parse_q(struct str text)
{
	int q, scale = Q_ONE;

	if (text.len == 0 || text.len > 5 || (text.data[0] != '0' && text.data[0] != '1') ||
	    (text.len > 1 && text.data[1] != '.'))
		return 0;
	q = (text.data[0] - '0') * Q_ONE;
	for (size_t i = 2; i < text.len; i++) {
		scale /= 10;
		if (!char_is_digit(text.data[i]))
			return 0;
		q += (text.data[i] - '0') * scale;
	}
	return q <= Q_ONE ? q : 0;
}

/* Reads the q of "gzip ; q=0.5". Afterwards *item contains only the name. */
static int take_q(struct str *item)
{
	struct str parameters = *item, parameter;
	int q = Q_ONE;

	if (!str_next_item(&parameters, ';', item))
		return 0;
	while (str_next_item(&parameters, ';', &parameter))
		if (parameter.len >= 2 &&
		    str_equal_nocase((struct str){parameter.data, 2}, STR("q=")))
			q = parse_q((struct str){parameter.data + 2, parameter.len - 2});
	return q;
}

static bool is_gzip(struct str name)
{
	return str_equal_nocase(name, STR("gzip")) || str_equal_nocase(name, STR("x-gzip"));
}

bool accepts_gzip(struct request *r)
{
	int gzip = Q_UNSET, any = Q_UNSET, identity = Q_UNSET;
	struct str list, item;

	/* By the RFC, a request without this header accepts every coding. But clients without
	 * the header do not expect a coding. */
	if (r->in.known[HEADER_ACCEPT_ENCODING] == 0 ||
	    !header_join_known(r->pool, &r->in.headers, HEADER_ACCEPT_ENCODING, &list))
		return false;
	while (str_next_item(&list, ',', &item)) {
		int q = take_q(&item);

		if (is_gzip(item))
			gzip = q > gzip ? q : gzip;
		else if (str_equal(item, STR("*")))
			any = q;
		else if (str_equal_nocase(item, STR("identity")))
			identity = q;
	}
	if (gzip == Q_UNSET)
		gzip = any;
	return gzip > 0 && gzip >= identity;
}

static int add_line(struct request *r, struct str name, struct str value)
{
	return header_add(r->pool, &r->out.headers, name, value) != NULL ? 0 : -1;
}

bool varies(const struct request *r)
{
	const struct coding_location *l = request_section(r, LEVEL_LOCATION, &coding_module);

	return l->vary;
}

int add_vary_encoding(struct request *r)
{
	const struct header *line;

	if (!varies(r))
		return 0;
	for (size_t i = 0; (line = header_find(&r->out.headers, STR("Vary"), i)) != NULL; i++) {
		struct str list = line->value, item;

		while (str_next_item(&list, ',', &item))
			if (str_equal(item, STR("*")) ||
			    str_equal_nocase(item, STR("Accept-Encoding")))
				return 0;
	}
	return add_line(r, STR("Vary"), STR("Accept-Encoding"));
}

int add_content_encoding(struct request *r, struct str coding)
{
	return add_line(r, STR("Content-Encoding"), coding);
}

static const struct directive directives[] = {
    {"gzip_vary", IN_HTTP_ALL | ARGS_1, conf_set_flag, LEVEL_LOCATION,
     SETTING(struct coding_location, vary, 1)},
    {.name = NULL},
};

static const struct http_hooks hooks = {.location_size = sizeof(struct coding_location)};

struct module coding_module = {
    .name = "coding", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
