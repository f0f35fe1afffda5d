#include "http/request/keepalive.h"

#include <string.h>

#include "base/clock.h"
#include "http/site/core.h"
#include "http/wire/client.h"

bool keepalive_survives(int status)
{
	switch (status) {
	case 400:
	case 413:
	case 414:
	case 431:
	case 500:
	case 501:
	case 505:
		return false;
	default:
		return true;
	}
}

static bool contains(const struct str *text, const char *part)
{
	return text != NULL && memmem(text->data, text->len, part, strlen(part)) != NULL;
}

/* True: a browser that fails after a POST on a kept connection. */
static bool is_disabled_for(const struct request *r)
{
	const struct str *agent = request_header(r, HEADER_USER_AGENT);

	if (r->core->keepalive_disable & KEEPALIVE_DISABLE_MSIE6 && r->method == METHOD_POST &&
	    (contains(agent, "MSIE 6.") || contains(agent, "MSIE 5.")) && !contains(agent, "Opera"))
		return true;
	return r->core->keepalive_disable & KEEPALIVE_DISABLE_SAFARI &&
	       contains(agent, "Safari/") && contains(agent, "Mac OS X") &&
	       !contains(agent, "Chrom");
}

bool keepalive_is_wanted(const struct request *r)
{
	if (r->in.wants_close)
		return false;
	return r->in.line.version >= HTTP_11 ||
	       (r->in.wants_keepalive && r->in.line.version >= HTTP_10);
}

bool keepalive_is_allowed(const struct request *r)
{
	const struct client *c = r->client;

	return r->core->keepalive_timeout != 0 && c->requests < r->core->keepalive_requests &&
	       now.ms - c->since <= r->core->keepalive_time && !clients_are_leaving() &&
	       !is_disabled_for(r);
}
