#include "http/request/path.h"

#include "http/message/uri.h"
#include "http/request/value.h"
#include "http/site/core.h"

/* The URI that the client sends is always safe, because uri_normalise resolves "..". But the
 * configuration can write a URI with variables, such as "/files/$arg_name". The values of these
 * variables may contain "..". */
static bool is_normal(struct str uri)
{
	return str_starts(uri, STR("/")) && uri_is_safe(uri);
}

/*
 * alias replaces the part of the URI that is the prefix of the location. If the location has a
 * pattern, alias is the whole path. *rest gets the part of the URI that follows root or alias.
 */
static int uri_below_alias(const struct request *r, struct str *rest)
{
	const struct location *l = r->core->location;

	*rest = r->uri;
	if (!r->core->alias)
		return r->internal && !is_normal(r->uri) ? -1 : 0;
	if (l == NULL || l->kind == LOCATION_PATTERN) {
		*rest = STR_NONE;
		return 0;
	}
	/* alias cannot replace the prefix if a rewrite has removed it from the URI */
	if (!str_starts(r->uri, l->name))
		return -1;
	*rest = (struct str){r->uri.data + l->name.len, r->uri.len - l->name.len};
	/* with "location /i { alias /d/; }", the URI "/i../secret" would lead to
	 * "/d/../secret" */
	return uri_is_safe(*rest) ? 0 : -1;
}

int request_map_path(struct request *r, size_t extra, struct str *path)
{
	struct str root, rest;
	char *text, *to;

	if (template_eval(r, r->core->root, &root) < 0)
		return -1;
	if (uri_below_alias(r, &rest) < 0) {
		request_log(r, LOG_ALERT, "\"%.*s\" leads out of the root or the alias",
			    STR_ARGS(r->uri));
		return -1;
	}
	text = pool_bytes(r->pool, root.len + rest.len + extra + 1);
	if (text == NULL)
		return -1;
	to = put_str(text, root);
	to = put_str(to, rest);
	*to = '\0';
	*path = str_between(text, to);
	return 0;
}
