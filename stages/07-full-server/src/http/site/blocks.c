/*
 * This file reads the blocks http {}, server {} and location {}. The sections of a block are
 * created when the block opens. All blocks are merged when http {} closes.
 */
#include "http/site/core.h"

#include <string.h>
#include <unistd.h>

#include "http/site/server.h"

/* The section of this module for the top level of the configuration. The module has only one
 * directive at this level: http {}. */
struct http_holder {
	struct http *http;
};

struct http *http_of(struct conf *cf)
{
	return cf->http;
}

static const struct http_hooks *hooks_of(const struct module *m)
{
	return m->kind == MODULE_HTTP ? m->hooks : NULL;
}

static size_t section_size(const struct http_hooks *h, enum level level)
{
	return level == LEVEL_MAIN     ? h->main_size
	       : level == LEVEL_SERVER ? h->server_size
				       : h->location_size;
}

void **http_sections_create(struct conf *cf, enum level level)
{
	void **sections = pool_array(cf->pool, cf->module_count, sizeof(*sections));

	if (sections == NULL) {
		conf_no_memory(cf);
		return NULL;
	}
	for (uint32_t i = 0; i < cf->module_count; i++) {
		const struct http_hooks *h = hooks_of(cf->modules[i]);

		if (h == NULL || section_size(h, level) == 0)
			continue;
		sections[i] =
		    conf_section(cf, cf->modules[i]->directives, level, section_size(h, level));
		if (sections[i] == NULL)
			return NULL;
	}
	return sections;
}

int http_sections_merge(struct conf *cf, enum level level, void **outer, void **inner)
{
	for (uint32_t i = 0; i < cf->module_count; i++) {
		const struct http_hooks *h = hooks_of(cf->modules[i]);

		if (h == NULL || section_size(h, level) == 0)
			continue;
		conf_inherit(cf->modules[i]->directives, level, inner[i], outer[i]);
		if (level == LEVEL_LOCATION && h->merge_location != NULL &&
		    h->merge_location(cf, outer[i], inner[i]) < 0)
			return -1;
	}
	return 0;
}

static int merge_locations(struct conf *cf, const struct location_set *set, void **outer)
{
	for (size_t i = 0; i < set->all.count; i++) {
		struct location *l = ((struct location **)set->all.items)[i];

		/* an `if` or limit_except block without a content handler uses the handler
		 * of its location */
		if (l->kind == LOCATION_IMPLICIT && l->core->handler == NULL)
			l->core->handler = core_location_of(outer)->handler;
		if (http_sections_merge(cf, LEVEL_LOCATION, outer, l->sections) < 0 ||
		    merge_locations(cf, &l->inside, l->sections) < 0)
			return -1;
	}
	return 0;
}

static int merge_server(struct conf *cf, struct scope *outer, struct server *s)
{
	cf->file = s->file;
	cf->line = s->line;
	if (http_sections_merge(cf, LEVEL_SERVER, outer->sections[LEVEL_SERVER],
				s->sections[LEVEL_SERVER]) < 0 ||
	    http_sections_merge(cf, LEVEL_LOCATION, outer->sections[LEVEL_LOCATION],
				s->sections[LEVEL_LOCATION]) < 0)
		return -1;
	return merge_locations(cf, &s->locations, s->sections[LEVEL_LOCATION]);
}

static int declare_all(struct conf *cf)
{
	for (uint32_t i = 0; i < cf->module_count; i++) {
		const struct http_hooks *h = hooks_of(cf->modules[i]);

		if (h != NULL && h->declare != NULL && h->declare(cf) < 0)
			return -1;
	}
	return 0;
}

static int setup_all(struct conf *cf)
{
	for (uint32_t i = 0; i < cf->module_count; i++) {
		const struct http_hooks *h = hooks_of(cf->modules[i]);

		if (h == NULL)
			continue;
		if (h->setup != NULL && h->setup(cf) < 0)
			return -1;
		if (h->setup_if_asked != NULL && cf->asked[i] && h->setup_if_asked(cf) < 0)
			return -1;
	}
	return 0;
}

/*
 * Returns true if the phase has handlers, or if the server itself works in this phase. The
 * server finds the location, decides at the end of the access phase, and answers 404 at the end
 * of the content phase.
 */
static bool has_work(const struct phase_table *t, int phase)
{
	return t->of[phase].count > 0 || phase == PHASE_FIND_LOCATION || phase == PHASE_CONTENT ||
	       (phase == PHASE_POST_ACCESS && t->of[PHASE_ACCESS].count > 0);
}

static void link_phases(struct phase_table *t)
{
	int next = PHASES;

	for (int phase = PHASES - 1; phase >= 0; phase--) {
		t->of[phase].next = (enum phase)next;
		if (has_work(t, phase))
			next = phase;
	}
}

static int init_main(struct conf *cf, void **main)
{
	for (uint32_t i = 0; i < cf->module_count; i++) {
		const struct http_hooks *h = hooks_of(cf->modules[i]);

		if (h == NULL)
			continue;
		if (main[i] != NULL)
			conf_inherit(cf->modules[i]->directives, LEVEL_MAIN, main[i], main[i]);
		if (h->init_main != NULL && h->init_main(cf, main[i]) < 0)
			return -1;
	}
	return 0;
}

static int finish_http(struct conf *cf, struct http *http, struct scope *scope)
{
	struct conf before = *cf;

	if (init_main(cf, http->main) < 0)
		return -1;
	/* http {} has no outer block, so its sections are merged with themselves. This merge
	 * sets unset members to their defaults. */
	if (http_sections_merge(cf, LEVEL_SERVER, scope->sections[LEVEL_SERVER],
				scope->sections[LEVEL_SERVER]) < 0 ||
	    http_sections_merge(cf, LEVEL_LOCATION, scope->sections[LEVEL_LOCATION],
				scope->sections[LEVEL_LOCATION]) < 0)
		return -1;
	for (size_t i = 0; i < http->servers.count; i++) {
		struct server *s = ((struct server **)http->servers.items)[i];

		if (merge_server(cf, scope, s) < 0 || locations_index(cf, &s->locations) < 0)
			return -1;
	}
	if (server_names_index(cf, http) < 0 || variables_check(cf) < 0)
		return -1;
	*cf = before;
	if (setup_all(cf) < 0)
		return -1;
	link_phases(&http->phases);
	return 0;
}

static void http_forget(void *data)
{
	struct http *http = data;

	hash_fini(&http->variables);
	for (size_t i = 0; i < http->points.count; i++)
		host_names_fini(&point_at(http, i)->names);
}

static struct http *http_create(struct conf *cf, struct http_holder *holder)
{
	struct http *http = pool_zalloc(cf->pool, sizeof(*http));
	struct pool_cleanup *c = http != NULL ? pool_cleanup_add(cf->pool, http) : NULL;

	if (c == NULL) {
		conf_no_memory(cf);
		return NULL;
	}
	c->run = http_forget;
	http->pool = cf->pool;
	http->modules = cf->modules;
	http->module_count = cf->module_count;
	holder->http = http;
	return http;
}

int phase_add(struct conf *cf, enum phase phase, enum phase_result (*handler)(struct request *r))
{
	struct phase_table *t = &http_of(cf)->phases;

	if (t->of[phase].count == PHASE_HANDLERS_MAX)
		return conf_fail(cf, "too many handlers in one phase");
	t->of[phase].handlers[t->of[phase].count++] = handler;
	return 0;
}

int core_open_http(struct conf *cf, const struct directive *d, void *section)
{
	struct http_holder *holder = section;
	struct scope scope = {.owner = NULL};
	struct http *http;
	int result = -1;

	if (holder->http != NULL)
		return conf_duplicate(cf);
	http = http_create(cf, holder);
	if (http == NULL)
		return -1;
	cf->http = http;
	for (enum level level = LEVEL_MAIN; level < LEVELS; level++) {
		scope.sections[level] = http_sections_create(cf, level);
		if (scope.sections[level] == NULL)
			return -1;
	}
	http->main = scope.sections[LEVEL_MAIN];
	if (declare_all(cf) == 0 && conf_block(cf, IN_HTTP, &scope) == 0)
		result = finish_http(cf, http, &scope);
	cf->http = NULL;
	return result;
}

/* A server without `listen` uses port 80. If the process does not run as root, it may not use
 * port 80. In this case the server uses port 8000. */
static int listen_by_default(struct conf *cf, struct scope *scope)
{
	struct str args[] = {STR("listen"), geteuid() == 0 ? STR("80") : STR("8000")};
	struct conf inner = *cf;

	inner.args = args;
	inner.arg_count = 2;
	inner.scope = scope;
	return server_set_listen(&inner, NULL,
				 scope->sections[LEVEL_SERVER][http_core_module.index]);
}

int core_open_server(struct conf *cf, const struct directive *d, void *section)
{
	struct server **place = pool_list_add(cf->pool, &http_of(cf)->servers, sizeof(*place));
	struct server *s = pool_zalloc(cf->pool, sizeof(*s));
	struct scope scope = *cf->scope;

	if (place == NULL || s == NULL)
		return conf_no_memory(cf);
	*place = s;
	s->file = cf->file;
	s->line = cf->line;
	s->name = STR_NONE;
	for (enum level level = LEVEL_SERVER; level < LEVELS; level++) {
		scope.sections[level] = http_sections_create(cf, level);
		if (scope.sections[level] == NULL)
			return -1;
	}
	memcpy(s->sections, scope.sections, sizeof(s->sections));
	s->rules = s->sections[LEVEL_SERVER][http_core_module.index];
	scope.owner = s;
	if (conf_block(cf, IN_SERVER, &scope) < 0)
		return -1;
	return s->listens ? 0 : listen_by_default(cf, &scope);
}

static const struct {
	struct str sign;
	enum location_kind kind;
	bool ignore_case;
} forms[] = {
    {{"=", 1}, LOCATION_EXACT, false},
    {{"^~", 2}, LOCATION_PREFIX_FINAL, false},
    {{"~*", 2}, LOCATION_PATTERN, true},
    {{"~", 1}, LOCATION_PATTERN, false},
};

/* Reads the modifier of a location. The modifier may be a separate word ("= /x") or the start
 * of the name ("=/x"). */
static enum location_kind location_form(struct conf *cf, struct str *name, bool *ignore_case)
{
	*name = cf->args[cf->arg_count - 1];
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		*ignore_case = forms[i].ignore_case;
		if (cf->arg_count == 3 && str_equal(cf->args[1], forms[i].sign))
			return forms[i].kind;
		if (cf->arg_count == 2 && str_starts(*name, forms[i].sign)) {
			*name = str_between(name->data + forms[i].sign.len, name->data + name->len);
			return forms[i].kind;
		}
	}
	/* the first word is not a modifier; the caller refuses the location */
	if (cf->arg_count == 3)
		return LOCATION_IMPLICIT;
	return str_starts(*name, STR("@")) ? LOCATION_NAMED : LOCATION_PREFIX;
}

static int check_nesting(struct conf *cf, const struct location *around, enum location_kind kind,
			 struct str name)
{
	if (around == NULL)
		return 0;
	if (around->kind == LOCATION_EXACT || around->kind == LOCATION_NAMED)
		return conf_fail(cf, "location \"%.*s\" cannot be inside the %s location \"%.*s\"",
				 STR_ARGS(name), around->kind == LOCATION_EXACT ? "exact" : "named",
				 STR_ARGS(around->name));
	if (kind == LOCATION_NAMED)
		return conf_fail(cf, "named location \"%.*s\" can be on the server level only",
				 STR_ARGS(name));
	if (kind != LOCATION_PATTERN && around->kind != LOCATION_PATTERN &&
	    !str_starts(name, around->name))
		return conf_fail(cf, "location \"%.*s\" is outside location \"%.*s\"",
				 STR_ARGS(name), STR_ARGS(around->name));
	return 0;
}

int core_open_location(struct conf *cf, const struct directive *d, void *section)
{
	bool in_location = cf->context == IN_LOCATION, ignore_case;
	struct location *around = in_location ? cf->scope->owner : NULL;
	struct location_set *set =
	    in_location ? &around->inside : &((struct server *)cf->scope->owner)->locations;
	struct str name;
	enum location_kind kind = location_form(cf, &name, &ignore_case);
	struct location *l;
	struct scope scope;

	if (kind == LOCATION_IMPLICIT)
		return conf_fail(cf, "invalid location modifier \"%.*s\"", STR_ARGS(cf->args[1]));
	if (check_nesting(cf, around, kind, name) < 0)
		return -1;
	l = location_open(cf, set, around, kind, name, &scope);
	if (l == NULL)
		return -1;
	if (kind == LOCATION_PATTERN) {
		l->pattern = conf_pattern(cf, name, ignore_case);
		if (l->pattern == NULL)
			return -1;
	}
	l->core->location = l;
	return conf_block(cf, IN_LOCATION, &scope);
}

bool core_wants_charset(const struct core_location *l, const struct response *out)
{
	struct str type = out->content_type;

	/* 301 and 302 need no charset, because browsers do not show their bodies */
	if (l->charset == NULL || out->status == 301 || out->status == 302)
		return false;
	return type.len > 0 && memchr(type.data, ';', type.len) == NULL &&
	       mime_is_in(l->charset_types, type);
}

static void *create_holder(struct conf *cf)
{
	return pool_zalloc(cf->pool, sizeof(struct http_holder));
}

/* ---- for a process that serves clients */

/* Calls the hook of each module. Stops when a hook returns a value that is not 0, and
 * returns this value. */
static int each_module(const struct http_holder *holder,
		       int (*call)(const struct http_hooks *h, struct http *http))
{
	struct http *http = holder->http;
	int result = 0;

	for (size_t i = 0; http != NULL && http->modules[i] != NULL && result == 0; i++) {
		const struct http_hooks *h = hooks_of(http->modules[i]);

		if (h != NULL)
			result = call(h, http);
	}
	return result;
}

static int call_start(const struct http_hooks *h, struct http *http)
{
	return h->start != NULL ? h->start(http) : 0;
}

static int call_stop(const struct http_hooks *h, struct http *http)
{
	if (h->stop != NULL)
		h->stop(http);
	return 0;
}

static int start(void *section)
{
	return each_module(section, call_start);
}

static void stop(void *section)
{
	each_module(section, call_stop);
}

/* ---- for the helper process */

static int call_needs_helper(const struct http_hooks *h, struct http *http)
{
	return h->needs_helper != NULL && h->needs_helper(http);
}

static int call_start_helper(const struct http_hooks *h, struct http *http)
{
	return h->start_helper != NULL ? h->start_helper(http) : 0;
}

static int call_stop_helper(const struct http_hooks *h, struct http *http)
{
	if (h->stop_helper != NULL)
		h->stop_helper(http);
	return 0;
}

static bool needs_helper(void *section)
{
	return each_module(section, call_needs_helper) != 0;
}

static int start_helper(void *section)
{
	return each_module(section, call_start_helper);
}

static void stop_helper(void *section)
{
	each_module(section, call_stop_helper);
}

extern const struct http_hooks http_core_hooks; /* defined in core_table.c */

struct module http_core_module = {
    .name = "http_core",
    .kind = MODULE_HTTP,
    .directives = http_core_directives,
    .hooks = &http_core_hooks,
    .create = create_holder,
    .start = start,
    .stop = stop,
    .needs_helper = needs_helper,
    .start_helper = start_helper,
    .stop_helper = stop_helper,
};
