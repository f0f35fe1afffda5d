/*
 * error_page: sends another page instead of the built-in error page.
 *
 *     error_page 404 500 /sorry.html;      the page, with the status of the error
 *     error_page 404 =200 /empty.gif;      the page, with the status 200
 *     error_page 404 = /find;              the answer of /find, with its own status
 *     error_page 502 @fallback;            a named location
 *     error_page 403 https://example.org/; a redirect
 *
 * This happens once for each request, unless recursive_error_pages is on.
 */
#include <string.h>

#include "http/request/filter.h"
#include "http/request/value.h"
#include "http/site/core.h"

extern struct module error_page_module;

enum { KEEP_STATUS = -1, STATUS_OF_TARGET = 0 };

struct error_page {
	int status;
	int answer; /* KEEP_STATUS, STATUS_OF_TARGET or a status */
	struct template *target;
};

struct error_location {
	struct pool_list *pages; /* struct error_page */
	int recursive;
};

/* Reads "=" or "=200". If there is no "=", this word is one more status for the page. */
static int parse_answer(struct conf *cf, uint32_t *codes, int *answer)
{
	struct str text = cf->args[cf->arg_count - 2];

	*codes = cf->arg_count - 2;
	*answer = KEEP_STATUS;
	if (!str_starts(text, STR("=")))
		return 0;
	--*codes;
	*answer = text.len == 1 ? STATUS_OF_TARGET
				: (int)str_to_number((struct str){text.data + 1, text.len - 1});
	return *answer >= 0 && *codes > 0 ? 0 : conf_bad_value(cf, text);
}

static int add_page(struct conf *cf, struct error_page *place, struct str code,
		    struct error_page page)
{
	int64_t status = str_to_number(code);

	if (place == NULL)
		return -1;
	if (status < 300 || status > 599 || status == 499)
		return conf_fail(cf, "value \"%.*s\" must be between 300 and 599 and not 499",
				 STR_ARGS(code));
	*place = page;
	place->status = (int)status;
	return 0;
}

static int set_error_page(struct conf *cf, const struct directive *d, void *section)
{
	struct error_page page = {.status = 0};
	uint32_t codes;

	if (parse_answer(cf, &codes, &page.answer) < 0)
		return -1;
	page.target = template_compile(cf, cf->args[cf->arg_count - 1]);
	if (page.target == NULL)
		return -1;
	for (uint32_t i = 1; i <= codes; i++)
		if (add_page(cf, conf_list_add(cf, d, section, sizeof(page)), cf->args[i], page) < 0)
			return -1;
	return 0;
}

static const struct error_page *find_page(const struct error_location *l, int status)
{
	for (size_t i = 0; l->pages != NULL && i < l->pages->count; i++) {
		const struct error_page *page = &((struct error_page *)l->pages->items)[i];

		if (page->status == status)
			return page;
	}
	return NULL;
}

/* Makes the redirect that refuse_with_page sends as the answer to the error. */
static bool go_outside(struct request *r, const struct error_page *page, struct str url)
{
	r->out.location = url;
	r->refusal = status_is_redirect(page->answer) ? page->answer : 302;
	return false;
}

static bool go_inside(struct request *r, struct str target)
{
	struct str uri = target, args = STR_NONE;
	const char *mark = memchr(target.data, '?', target.len);
	enum phase_result result;

	if (mark != NULL) {
		uri = str_between(target.data, mark);
		args = str_between(mark + 1, target.data + target.len);
	}
	if (str_starts(target, STR("@"))) {
		result = request_redirect_named(r, target);
	} else {
		/* the page is fetched with GET, whatever the method of the request was */
		if (r->method != METHOD_HEAD)
			r->method = METHOD_GET;
		result = request_redirect(r, uri, args);
	}
	return result == PHASE_RESTART;
}

/* The context of the module is the error page of the request. If there is one already, an error
 * of this page gets no other page. */
static bool may_use_page(const struct request *r, const struct error_location *l)
{
	return l->recursive || request_context(r, &error_page_module) == NULL;
}

static bool on_refuse(struct request *r, int status)
{
	const struct error_location *l = request_section(r, LEVEL_LOCATION, &error_page_module);
	const struct error_page *page = find_page(l, status);
	struct str target;

	if (page == NULL || !may_use_page(r, l) ||
	    request_set_context(r, &error_page_module, (void *)page) < 0)
		return false;
	if (page->answer != KEEP_STATUS)
		r->error_status = page->answer;
	if (template_eval(r, page->target, &target) < 0 || target.len == 0)
		return false;
	if (target.data[0] != '/' && target.data[0] != '@')
		return go_outside(r, page, target);
	return go_inside(r, target);
}

static bool has_page(const struct request *r, int status)
{
	const struct error_location *l = request_section(r, LEVEL_LOCATION, &error_page_module);

	return find_page(l, status) != NULL && may_use_page(r, l);
}

static int setup(struct conf *cf)
{
	http_of(cf)->on_refuse = on_refuse;
	http_of(cf)->has_page = has_page;
	return 0;
}

/* The page replaces the answer to the error. So the status that its handler has set is
 * replaced, too. */
static enum send_result set_status(const struct filter *const *self, struct request *r)
{
	bool is_page = r->error_status > 0;

	if (is_page) {
		r->out.status = r->error_status;
		r->error_status = 0;
	}
	if (is_page && r->out.status != 200) {
		r->out.ranges_allowed = r->out.accept_ranges = false;
		r->out.last_modified = TIME_UNKNOWN;
		response_touch(&r->out);
	}
	return filter_head_next(self, r);
}

const struct filter error_page_filter = {"error_page", set_status, NULL, &error_page_module};

static const struct directive directives[] = {
    {"error_page", IN_HTTP_ALL | IN_LOCATION_IF | ARGS_2_MORE, set_error_page, LEVEL_LOCATION,
     SETTING(struct error_location, pages, 0)},
    {"recursive_error_pages", IN_HTTP_ALL | ARGS_1, conf_set_flag, LEVEL_LOCATION,
     SETTING(struct error_location, recursive, 0)},
    {.name = NULL},
};

static const struct http_hooks hooks = {
    .location_size = sizeof(struct error_location),
    .setup = setup,
};

struct module error_page_module = {
    .name = "error_page",
    .kind = MODULE_HTTP,
    .directives = directives,
    .hooks = &hooks,
    .keeps_context = true,
};
