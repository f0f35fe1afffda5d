#include "modules/proxy/target.h"

#include "http/message/uri.h"
#include "http/request/value.h"
#include "http/site/core.h"
#include "http/site/server.h"
#include "modules/upstream/upstream.h"

enum { PORT = 80 };

static struct str behind(struct str s, size_t skip)
{
	return (struct str){s.data + skip, s.len - skip};
}

/* Splits "unix:/path" or "unix:/path:/uri". */
static const char *split_unix(struct str rest, struct url *url)
{
	const char *colon = memchr(rest.data + 5, ':', rest.len - 5);
	const char *end = rest.data + rest.len;

	url->authority = str_between(rest.data, colon != NULL ? colon : end);
	if (url->authority.len == 5)
		return "no path of a unix socket";
	url->uri = colon != NULL ? str_between(colon + 1, end) : STR_NONE;
	url->host = STR("localhost");
	url->port = STR_NONE;
	return NULL;
}

/* Returns the colon before the port, or NULL if there is no port. A colon inside of brackets
 * belongs to an IPv6 address. */
static const char *find_port(struct str authority)
{
	const char *bracket = memchr(authority.data, ']', authority.len);
	const char *from = bracket != NULL ? bracket : authority.data;

	return memchr(from, ':', (size_t)(authority.data + authority.len - from));
}

static const char *split_authority(struct str rest, struct url *url)
{
	const char *at = rest.data, *end = at + rest.len, *colon;

	while (at < end && *at != '/' && *at != '?' && *at != '#')
		at++;
	url->authority = url->host = str_between(rest.data, at);
	url->uri = str_between(at, end);
	url->port = STR("80");
	if (url->authority.len == 0)
		return "no host";
	colon = find_port(url->authority);
	if (colon == NULL)
		return NULL;
	url->port = str_between(colon + 1, at);
	if (str_equal(url->port, STR("80")))
		url->host = str_between(url->host.data, colon);
	return NULL;
}

/* Returns NULL on success, otherwise a text that says what is wrong. */
static const char *split(struct str text, struct url *url)
{
	if (text.len >= 8 && str_equal_nocase((struct str){text.data, 8}, STR("https://")))
		return "this server has no TLS";
	if (text.len < 7 || !str_equal_nocase((struct str){text.data, 7}, STR("http://")))
		return "it must begin with \"http://\"";
	text = behind(text, 7);
	if (str_starts(text, STR("unix:")))
		return split_unix(text, url);
	return split_authority(text, url);
}

/* "http://host?a=b" has no path, so the URI becomes "/?a=b". */
static struct str fit_for_path(struct conf *cf, struct str uri)
{
	if (!str_starts(uri, STR("/")))
		uri = pool_print(cf->pool, "/%.*s", STR_ARGS(uri));
	return uri_fit(cf->pool, uri);
}

struct target *target_parse(struct conf *cf, struct str text)
{
	struct target *t = pool_zalloc(cf->pool, sizeof(*t));
	const char *problem;

	if (t == NULL) {
		conf_no_memory(cf);
		return NULL;
	}
	t->source = text;
	if (memchr(text.data, '$', text.len) != NULL) {
		t->text = template_compile(cf, text);
		return t->text != NULL ? t : NULL;
	}
	problem = split(text, &t->url);
	if (problem != NULL) {
		conf_fail(cf, "invalid URL \"%.*s\": %s", STR_ARGS(text), problem);
		return NULL;
	}
	if (t->url.uri.len > 0)
		t->url.uri = fit_for_path(cf, t->url.uri);
	t->upstream = upstream_named(cf, t->url.authority, PORT);
	return t->upstream != NULL ? t : NULL;
}

/* ---- the URI */

/* The URI that the client has sent, without scheme and host. */
static struct str original(struct request *r)
{
	const struct request_line *line = &r->in.line;
	struct str rest;

	if (line->authority.len == 0)
		return line->target;
	rest = str_between(line->authority.data + line->authority.len,
			   line->target.data + line->target.len);
	if (str_starts(rest, STR("/")))
		return rest;
	if (rest.len == 0)
		/* here the last proxy replaces an empty path by "*" (RFC 9112, 3.2.4) */
		return r->method == METHOD_OPTIONS ? STR("*") : STR("/");
	return pool_print(r->pool, "/%.*s", STR_ARGS(rest));
}

/* Returns true when neither a redirect nor a rewrite has changed the URI. */
static bool is_original(struct request *r)
{
	const struct request_line *line = &r->in.line;
	struct str normal = line->path;
	char *room;

	if (r->args.len != line->args.len || (r->args.len > 0 && !str_equal(r->args, line->args)))
		return false;
	if (!line->plain) {
		room = pool_bytes(r->pool, line->path.len);
		if (room == NULL ||
		    !uri_normalise(line->path, r->server->rules->merge_slashes, room, &normal))
			return false;
	}
	return str_equal(r->uri, normal);
}

/* Joins `before`, the encoded path and the arguments. Returns data NULL when there is no
 * memory. */
static struct str compose(struct request *r, struct str before, struct str path)
{
	struct str args = r->args.len > 0 ? uri_fit(r->pool, r->args) : STR_NONE;
	char *text = pool_bytes(r->pool, before.len + 3 * path.len + 1 + args.len), *to = text;

	if (text == NULL || args.data == NULL)
		return (struct str){NULL, 0};
	to = put_str(to, before);
	to = put_escaped(to, path, URI_PATH);
	if (args.len > 0) {
		*to++ = '?';
		to = put_str(to, args);
	}
	return str_between(text, to);
}

static struct str uri_for(struct request *r, struct str replacement)
{
	const struct location *l = r->location;

	if (replacement.len > 0 && !r->uri_replaced && l != NULL && str_starts(r->uri, l->name))
		return compose(r, replacement, behind(r->uri, l->name.len));
	return is_original(r) ? original(r) : compose(r, STR_NONE, r->uri);
}

/* ---- at run time */

static int resolve_variables(struct request *r, const struct target *t, struct destination *d)
{
	struct str text;
	struct url url;
	const char *problem;

	if (template_eval(r, t->text, &text) < 0)
		return 500;
	problem = split(text, &url);
	if (problem != NULL) {
		request_log(r, LOG_ERROR, "invalid URL \"%.*s\" for proxy_pass: %s", STR_ARGS(text),
			    problem);
		return 500;
	}
	d->upstream = upstream_find(r, url.authority, PORT);
	if (d->upstream == NULL) {
		request_log(r, LOG_ERROR,
			    "\"%.*s\" is neither an upstream nor an address, and no name is "
			    "looked up at run time",
			    STR_ARGS(url.authority));
		return 502;
	}
	d->host = uri_fit(r->pool, url.host);
	d->port = url.port;
	d->uri = url.uri.len > 0 ? uri_fit(r->pool, url.uri) : uri_for(r, STR_NONE);
	if (str_starts(d->uri, STR("?")))
		d->uri = pool_print(r->pool, "/%.*s", STR_ARGS(d->uri));
	return d->uri.data != NULL && d->host.data != NULL ? 0 : 500;
}

int target_resolve(struct request *r, const struct target *t, struct destination *d)
{
	if (t->text != NULL)
		return resolve_variables(r, t, d);
	d->upstream = t->upstream;
	d->host = t->url.host;
	d->port = t->url.port;
	d->uri = uri_for(r, t->url.uri);
	return d->uri.data != NULL ? 0 : 500;
}
