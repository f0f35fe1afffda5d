#include "conf/listen_args.h"

#include "conf/value.h"

const struct listen_options listen_defaults = {.backlog = 511, .ipv6only = true};

/* ---- addresses */

/* Splits "127.0.0.1:8080-8083" or "[::1]:8080-8083" into the part before the ports, the first
 * port and the last port. Returns false if the text has no range of ports. */
static bool parse_range(struct str text, struct str *before, int64_t *first, int64_t *last)
{
	size_t dash = text.len, start;

	while (dash > 0 && char_is_digit(text.data[dash - 1]))
		dash--;
	if (dash == 0 || dash == text.len || text.data[dash - 1] != '-')
		return false;
	start = --dash;
	while (start > 0 && char_is_digit(text.data[start - 1]))
		start--;
	*before = (struct str){text.data, start};
	*first = str_to_number((struct str){text.data + start, dash - start});
	*last = str_to_number(str_between(text.data + dash + 1, text.data + text.len));
	return *first > 0 && (start == 0 || text.data[start - 1] == ':');
}

static int use_text(struct conf *cf, struct str text, int port,
		    int (*use)(struct conf *cf, const struct address *a))
{
	struct address a;
	const char *problem = address_parse(&a, text, port);

	if (problem != NULL)
		return conf_fail(cf, "%s in \"%.*s\" of the \"listen\" directive", problem,
				 STR_ARGS(text));
	return use(cf, &a);
}

static int use_range(struct conf *cf, struct str before, int64_t first, int64_t last,
		     int (*use)(struct conf *cf, const struct address *a))
{
	if (last < first || last > 65535)
		return conf_fail(cf, "invalid port range in \"%.*s\"", STR_ARGS(cf->args[1]));
	for (int64_t port = first; port <= last; port++) {
		struct str text =
		    pool_print(cf->pool, "%.*s%lld", STR_ARGS(before), (long long)port);

		if (text.data == NULL)
			return conf_no_memory(cf);
		if (use_text(cf, text, 0, use) < 0)
			return -1;
	}
	return 0;
}

int listen_addresses(struct conf *cf, int port,
		     int (*use)(struct conf *cf, const struct address *a))
{
	struct str before;
	int64_t first, last;

	if (parse_range(cf->args[1], &before, &first, &last) &&
	    !str_starts(cf->args[1], STR("unix:")))
		return use_range(cf, before, first, last, use);
	return use_text(cf, cf->args[1], port, use);
}

/* ---- options */

/* Reads the value of so_keepalive: on, off, or [idle]:[interval]:[count]. */
static bool parse_keepalive(struct str text, struct listen_options *o)
{
	int *numbers[] = {&o->keepalive_idle, &o->keepalive_interval, &o->keepalive_count};
	const char *at = text.data, *end = text.data + text.len;

	o->keepalive_set = true;
	o->keepalive = !str_equal(text, STR("off"));
	if (!o->keepalive || str_equal(text, STR("on")))
		return true;
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		const char *colon = memchr(at, ':', (size_t)(end - at));
		struct str part = str_between(at, colon != NULL ? colon : end);
		int64_t number = 0;

		if ((colon == NULL) != (i == COUNT_OF(numbers) - 1))
			return false;
		if (part.len > 0 &&
		    (i < 2 ? !parse_seconds(part, &number) : (number = str_to_number(part)) < 0))
			return false;
		*numbers[i] = (int)number;
		at = colon != NULL ? colon + 1 : end;
	}
	return true;
}

static bool parse_int(struct str text, int *number)
{
	int64_t n = str_to_number(text);

	*number = (int)n;
	return n > 0 && n < INT32_MAX;
}

static bool parse_buffer(struct str text, int *bytes)
{
	int64_t n;

	if (!parse_size(text, &n) || n > INT32_MAX)
		return false;
	*bytes = (int)n;
	return true;
}

/* Returns false if there is no such option, or if its value is invalid. */
static bool parse_option(struct str arg, struct listen_options *o)
{
	struct str value;

	if (str_equal(arg, STR("reuseport")))
		return o->reuseport = true;
	if (str_equal(arg, STR("deferred")))
		return o->deferred = true;
	if (conf_param(arg, STR("backlog="), &value))
		return parse_int(value, &o->backlog);
	if (conf_param(arg, STR("rcvbuf="), &value))
		return parse_buffer(value, &o->rcvbuf);
	if (conf_param(arg, STR("sndbuf="), &value))
		return parse_buffer(value, &o->sndbuf);
	if (conf_param(arg, STR("so_keepalive="), &value))
		return parse_keepalive(value, o);
	if (conf_param(arg, STR("ipv6only="), &value)) {
		o->ipv6only = str_equal(value, STR("on"));
		return o->ipv6only || str_equal(value, STR("off"));
	}
	return false;
}

int listen_option(struct conf *cf, struct str word, struct listen_options *o)
{
	return parse_option(word, o) ? 0 : conf_bad_param(cf, word);
}
