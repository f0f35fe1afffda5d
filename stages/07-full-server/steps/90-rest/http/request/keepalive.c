#include "http/request/keepalive.h"

bool keepalive_is_wanted(const struct request *r)
{
	if (r->wants_close)
		return false;
	return r->line.version >= HTTP_11 || r->wants_keepalive;
}

bool keepalive_is_safe(const struct request *r)
{
	return r->refusal == 0 && !r->expects &&
	       !(r->body.kind == BODY_LENGTH && r->body.left > BODY_MAX);
}
