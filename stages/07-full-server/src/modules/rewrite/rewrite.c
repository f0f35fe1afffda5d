/*
 * rewrite: directives that change a request. They run as steps, in the order of the file.
 *
 *     set $name value;
 *     if ($http_cookie ~ "id=([0-9]+)") { ... }       modules/rewrite/condition.h
 *     rewrite ^/old/(.*)$ /new/$1?from=old last;      break, redirect, permanent
 *     break;
 *     return 404;   return 200 "text";   return 301 URL;   return URL;
 *
 * The directives of a block become a list of steps. The steps of a server run before the
 * location is found, the steps of a location afterwards. If a location has changed the URI, a
 * location is searched again, at most REDIRECTS_MAX times.
 */
#include "http/message/uri.h"
#include "http/request/filter.h"
#include "http/request/value.h"
#include "http/site/core.h"
#include "http/site/server.h"
#include "modules/rewrite/condition.h"

extern struct module rewrite_module;

/* The state while the steps of one block run, with the steps of its `if`s. */
struct walk {
	bool uri_changed; /* a step has changed the URI, and no `break` has run after it */
	bool over;
};

struct rewrite {
	struct pattern *pattern;
	struct str source; /* the text of the pattern, for the log */
	/* of the replacement; args NULL means that the replacement has no "?" */
	struct template *path, *args;
	bool keep_args; /* the arguments of the request are appended */
	bool over;      /* last, break, redirect, permanent: after a match, no other step runs */
	bool stay;      /* break: the request stays in this location */
};

struct branch {
	struct condition condition;
	/* the location of the `if` block; NULL in a server, where the block has only steps */
	struct location *location;
	struct rewrite_location *inside;
};

struct step {
	/* PHASE_NEXT means that the next step runs, unless the walk is over */
	enum phase_result (*run)(struct request *r, const struct step *step, struct walk *w);
	/* for `return`: its status; for `rewrite`: the status of the redirect, or 0 */
	int status;
	int variable;
	struct template *text;
	struct rewrite *rewrite;
	struct branch *branch;
};

struct rewrite_location {
	/* struct step; not inherited, because each block runs only its own steps */
	struct pool_list *steps;
	int log, warn;
};

static const struct rewrite_location *section_of(const struct request *r)
{
	return request_section(r, LEVEL_LOCATION, &rewrite_module);
}

static struct step *step_add(struct conf *cf, struct rewrite_location *l)
{
	struct step *step;

	if (l->steps == NULL)
		l->steps = pool_zalloc(cf->pool, sizeof(*l->steps));
	step = l->steps != NULL ? pool_list_add(cf->pool, l->steps, sizeof(*step)) : NULL;
	if (step == NULL)
		conf_no_memory(cf);
	return step;
}

static enum phase_result run_steps(struct request *r, const struct pool_list *steps, struct walk *w)
{
	enum phase_result result = PHASE_NEXT;

	for (size_t i = 0; steps != NULL && i < steps->count; i++) {
		const struct step *step = &((struct step *)steps->items)[i];

		result = step->run(r, step, w);
		if (result != PHASE_NEXT || w->over)
			break;
	}
	return result;
}

static bool is_url(struct str s)
{
	return str_starts(s, STR("http://")) || str_starts(s, STR("https://")) ||
	       str_starts(s, STR("$scheme"));
}

/* ---- return */

static enum phase_result run_return(struct request *r, const struct step *step, struct walk *w)
{
	struct str text;

	if (step->text == NULL && (status_is_redirect(step->status) || step->status >= 400))
		return request_refuse(r, step->status);
	r->out.status = step->status; /* the text of `return` may contain $status */
	if (step->text == NULL || step->status == 204)
		return request_send_text(r, step->status, STR_NONE, STR_NONE);
	if (template_eval(r, step->text, &text) < 0)
		return request_refuse(r, 500);
	if (status_is_redirect(step->status)) {
		r->out.location = text;
		return request_refuse(r, step->status);
	}
	if (step->status == 444)
		return request_refuse(r, step->status);
	return request_send_text(
	    r, step->status,
	    mime_type(r->core->types, mime_extension(r->uri), r->core->default_type), text);
}

static int set_return(struct conf *cf, const struct directive *d, void *section)
{
	struct step *step = step_add(cf, section);
	int64_t status = str_to_number(cf->args[1]);
	bool url_alone = cf->arg_count == 2 && is_url(cf->args[1]);

	if (step == NULL)
		return -1;
	step->run = run_return;
	step->status = url_alone ? 302 : (int)status;
	if (!url_alone && (status < 0 || status > 999))
		return conf_fail(cf, "invalid return code \"%.*s\"", STR_ARGS(cf->args[1]));
	if (url_alone || cf->arg_count == 3) {
		step->text = template_compile(cf, cf->args[cf->arg_count - 1]);
		return step->text != NULL ? 0 : -1;
	}
	return 0;
}

/* ---- set, break */

static enum phase_result run_set(struct request *r, const struct step *step, struct walk *w)
{
	struct str value;

	if (template_eval(r, step->text, &value) < 0)
		return request_refuse(r, 500);
	if (variable_set(r, step->variable, value) < 0)
		request_log(r, LOG_WARN, "\"%.*s\" cannot be set", STR_ARGS(value));
	return PHASE_NEXT;
}

static bool get_unset(struct request *r, const struct variable *v, struct str *value)
{
	*value = STR_NONE;
	if (section_of(r)->warn)
		request_log(r, LOG_WARN, "using uninitialized \"%.*s\" variable",
			    STR_ARGS(v->node.key));
	return true;
}

static int set_set(struct conf *cf, const struct directive *d, void *section)
{
	struct str name = cf->args[1];
	struct step *step;

	if (name.len < 2 || name.data[0] != '$')
		return conf_fail(cf, "invalid variable name \"%.*s\"", STR_ARGS(name));
	step = step_add(cf, section);
	if (step == NULL)
		return -1;
	step->run = run_set;
	step->variable = variable_define(cf, (struct str){name.data + 1, name.len - 1}, get_unset);
	if (step->variable < 0)
		return -1;
	step->text = template_compile(cf, cf->args[2]);
	return step->text != NULL ? 0 : -1;
}

static enum phase_result run_break(struct request *r, const struct step *step, struct walk *w)
{
	w->uri_changed = false;
	w->over = true;
	return PHASE_NEXT;
}

static int set_break(struct conf *cf, const struct directive *d, void *section)
{
	struct step *step = step_add(cf, section);

	if (step == NULL)
		return -1;
	step->run = run_break;
	return 0;
}

/* ---- rewrite */

static int add_own_args(struct request *r, const struct rewrite *rw, char separator,
			struct str *text)
{
	if (!rw->keep_args || r->args.len == 0)
		return 0;
	*text = pool_print(r->pool, "%.*s%c%.*s", STR_ARGS(*text), separator, STR_ARGS(r->args));
	return text->data != NULL ? 0 : -1;
}

static enum phase_result redirect_to(struct request *r, const struct rewrite *rw, int status)
{
	struct str url, args;

	if (template_eval_quoted(r, rw->path, URI_REDIRECT, &url) < 0)
		return request_refuse(r, 500);
	if (rw->args != NULL) {
		if (template_eval_quoted(r, rw->args, URI_QUERY, &args) < 0)
			return request_refuse(r, 500);
		url = pool_print(r->pool, "%.*s?%.*s", STR_ARGS(url), STR_ARGS(args));
	}
	if (url.data == NULL || add_own_args(r, rw, rw->args != NULL ? '&' : '?', &url) < 0)
		return request_refuse(r, 500);
	if (section_of(r)->log)
		request_log(r, LOG_NOTICE, "rewritten redirect: \"%.*s\"", STR_ARGS(url));
	r->out.location = url;
	return request_refuse(r, status);
}

static enum phase_result change_uri(struct request *r, const struct rewrite *rw)
{
	struct str uri, args = STR_NONE;

	/* compute both values before storing one of them, because each may depend on the
	 * other */
	if (template_eval(r, rw->path, &uri) < 0)
		return request_refuse(r, 500);
	if (rw->args != NULL && (template_eval_quoted(r, rw->args, URI_QUERY, &args) < 0 ||
				 add_own_args(r, rw, '&', &args) < 0))
		return request_refuse(r, 500);
	if (rw->args != NULL || !rw->keep_args)
		r->args = args;
	if (uri.len == 0) {
		request_log(r, LOG_ERROR, "the rewritten URI has a zero length");
		return request_refuse(r, 500);
	}
	if (section_of(r)->log)
		request_log(r, LOG_NOTICE, "rewritten data: \"%.*s\", args: \"%.*s\"",
			    STR_ARGS(uri), STR_ARGS(r->args));
	r->uri = uri;
	r->internal = true;
	r->uri_replaced = rw->stay;
	return PHASE_NEXT;
}

static enum phase_result run_rewrite(struct request *r, const struct step *step, struct walk *w)
{
	const struct rewrite *rw = step->rewrite;
	bool matches = request_match(r, rw->pattern, r->uri);

	if (section_of(r)->log)
		request_log(r, LOG_NOTICE, "\"%.*s\" %s \"%.*s\"", STR_ARGS(rw->source),
			    matches ? "matches" : "does not match", STR_ARGS(r->uri));
	if (!matches)
		return PHASE_NEXT;
	if (step->status != 0)
		return redirect_to(r, rw, step->status);
	w->uri_changed = !rw->stay;
	w->over = rw->over;
	return change_uri(r, rw);
}

static int set_flag(struct conf *cf, struct step *step)
{
	struct str flag = cf->arg_count == 4 ? cf->args[3] : STR_NONE;

	step->rewrite->stay = str_equal(flag, STR("break"));
	step->rewrite->over = step->rewrite->stay || str_equal(flag, STR("last"));
	if (str_equal(flag, STR("permanent")))
		step->status = 301;
	else if (str_equal(flag, STR("redirect")) || is_url(cf->args[2]))
		step->status = 302;
	else if (flag.len > 0 && !step->rewrite->over)
		return conf_bad_value(cf, flag);
	return 0;
}

/* Splits "/path?args" at the first "?" of the text. A "?" in the value of a variable has no
 * effect. A "?" at the end of the text means that the arguments of the request are not
 * appended. */
static int set_replacement(struct conf *cf, struct rewrite *rw, struct str text)
{
	const char *mark = memchr(text.data, '?', text.len), *end = text.data + text.len;
	struct str path, args;

	rw->keep_args = !str_ends(text, STR("?"));
	if (!rw->keep_args)
		end--;
	path = pool_str_z(cf->pool, str_between(text.data, mark != NULL ? mark : end));
	if (path.data == NULL)
		return conf_no_memory(cf);
	rw->path = template_compile(cf, path);
	if (mark == NULL || mark == end)
		return rw->path != NULL ? 0 : -1;
	args = pool_str_z(cf->pool, str_between(mark + 1, end));
	if (args.data == NULL)
		return conf_no_memory(cf);
	rw->args = template_compile(cf, args);
	return rw->path != NULL && rw->args != NULL ? 0 : -1;
}

static int set_rewrite(struct conf *cf, const struct directive *d, void *section)
{
	struct rewrite *rw = pool_zalloc(cf->pool, sizeof(*rw));
	struct step *step = step_add(cf, section);

	if (rw == NULL || step == NULL)
		return conf_no_memory(cf);
	step->run = run_rewrite;
	step->rewrite = rw;
	rw->source = cf->args[1];
	rw->pattern = conf_pattern(cf, cf->args[1], false);
	if (rw->pattern == NULL)
		return -1;
	return set_replacement(cf, rw, cf->args[2]) < 0 ? -1 : set_flag(cf, step);
}

/* ---- if */

static enum phase_result run_if(struct request *r, const struct step *step, struct walk *w)
{
	const struct branch *b = step->branch;

	if (!condition_holds(r, &b->condition))
		return PHASE_NEXT;
	if (b->location != NULL)
		request_enter(r, b->location);
	return run_steps(r, b->inside->steps, w);
}

/* In a server, the `if` block is no location: the search for a location, which follows, would
 * replace it at once. */
static int open_in_server(struct conf *cf, struct branch *b)
{
	struct scope scope = *cf->scope;

	scope.sections[LEVEL_LOCATION] = http_sections_create(cf, LEVEL_LOCATION);
	if (scope.sections[LEVEL_LOCATION] == NULL)
		return -1;
	b->inside = scope.sections[LEVEL_LOCATION][rewrite_module.index];
	return conf_block(cf, IN_SERVER_IF, &scope);
}

static int open_in_location(struct conf *cf, struct branch *b)
{
	struct location *around = cf->scope->owner;
	struct scope scope;

	b->location =
	    location_open(cf, &around->inside, around, LOCATION_IMPLICIT, around->name, &scope);
	if (b->location == NULL)
		return -1;
	b->inside = b->location->sections[rewrite_module.index];
	return conf_block(cf, IN_LOCATION_IF, &scope);
}

static int open_if(struct conf *cf, const struct directive *d, void *section)
{
	struct branch *b = pool_zalloc(cf->pool, sizeof(*b));
	struct step *step = step_add(cf, section);

	if (b == NULL || step == NULL)
		return conf_no_memory(cf);
	step->run = run_if;
	step->branch = b;
	if (condition_parse(cf, &b->condition) < 0)
		return -1;
	return cf->context == IN_SERVER ? open_in_server(cf, b) : open_in_location(cf, b);
}

/* ---- the phases */

/* The next phase finds the location for the URI, so this function only runs the steps. */
static enum phase_result rewrite_server(struct request *r)
{
	struct walk w = {.over = false};

	return run_steps(r, section_of(r)->steps, &w);
}

static enum phase_result rewrite_location(struct request *r)
{
	struct walk w = {.over = false};
	enum phase_result result;

	/* without a location, the steps of the server have already run */
	if (r->location == NULL)
		return PHASE_NEXT;
	result = run_steps(r, section_of(r)->steps, &w);
	return result == PHASE_NEXT && w.uri_changed ? request_relocate(r) : result;
}

static int setup(struct conf *cf)
{
	return phase_add(cf, PHASE_SERVER_REWRITE, rewrite_server) < 0 ||
		       phase_add(cf, PHASE_REWRITE, rewrite_location) < 0
		   ? -1
		   : 0;
}

#define IN_STEPS (IN_SERVER | IN_SERVER_IF | IN_LOCATION | IN_LOCATION_IF)

static const struct directive directives[] = {
    {"return", IN_STEPS | ARGS_1_2, set_return, LEVEL_LOCATION},
    {"set", IN_STEPS | ARGS_2, set_set, LEVEL_LOCATION},
    {"break", IN_STEPS | ARGS_0, set_break, LEVEL_LOCATION},
    {"rewrite", IN_STEPS | ARGS_2 | ARGS_3, set_rewrite, LEVEL_LOCATION},
    {"if", IN_SERVER | IN_LOCATION | BLOCK | ARGS_1_MORE, open_if, LEVEL_LOCATION},
    {"rewrite_log", IN_HTTP_ALL | IN_SERVER_IF | IN_LOCATION_IF | ARGS_1, conf_set_flag,
     LEVEL_LOCATION, SETTING(struct rewrite_location, log, 0)},
    {"uninitialized_variable_warn", IN_HTTP_ALL | IN_SERVER_IF | IN_LOCATION_IF | ARGS_1,
     conf_set_flag, LEVEL_LOCATION, SETTING(struct rewrite_location, warn, 1)},
    {.name = NULL},
};

static const struct http_hooks hooks = {
    .location_size = sizeof(struct rewrite_location),
    .setup_if_asked = setup,
};

struct module rewrite_module = {
    .name = "rewrite", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
