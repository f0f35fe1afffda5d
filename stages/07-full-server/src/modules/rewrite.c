/*
 * rewrite: what the configuration does to a request, step by step, in the
 * order in which it is written.
 *
 * The directives of a block become a list of steps; the phase handlers walk
 * it, for the server before the location is found, for the location after.
 */
#include "http/core.h"

extern struct module rewrite_module;

struct step {
	/* PHASE_NEXT: go on with the next step */
	enum phase_result (*run)(struct request *r, const struct step *step);
	int status;
	struct template *text;
};

struct rewrite_location {
	struct pool_list *steps; /* struct step; not inherited: a block runs its own */
};

static void *create_location(struct conf *cf)
{
	return pool_zalloc(cf->pool, sizeof(struct rewrite_location));
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

static bool is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static bool is_url(struct str s)
{
	return str_starts(s, STR("http://")) || str_starts(s, STR("https://")) ||
	       str_starts(s, STR("$scheme"));
}

static enum phase_result run_return(struct request *r, const struct step *step)
{
	struct str text;

	if (step->text == NULL)
		return request_refuse(r, step->status);
	if (template_eval(r, step->text, &text) < 0)
		return request_refuse(r, 500);
	if (is_redirect(step->status)) {
		r->out.location = text;
		return request_refuse(r, step->status);
	}
	if (step->status == 204 || step->status == 444)
		return request_refuse(r, step->status);
	return request_send_text(r, step->status,
				 mime_type(r->core->types, mime_extension(r->uri),
					   r->core->default_type),
				 text);
}

/* return 404; return 200 "text"; return 301 URL; return URL; */
static int set_return(struct conf *cf, const struct directive *d, void *section)
{
	struct step *step = step_add(cf, section);
	int64_t status = str_to_number(cf->args[1]);
	bool url_alone = cf->arg_count == 2 && is_url(cf->args[1]);

	(void)d;
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

static enum phase_result run_steps(struct request *r, const struct rewrite_location *l)
{
	for (size_t i = 0; l->steps != NULL && i < l->steps->count; i++) {
		const struct step *step = &((struct step *)l->steps->items)[i];
		enum phase_result result = step->run(r, step);

		if (result != PHASE_NEXT)
			return result;
	}
	return PHASE_NEXT;
}

static enum phase_result rewrite_server(struct request *r)
{
	return run_steps(r, request_section(r, LEVEL_LOCATION, &rewrite_module));
}

/* Outside any location the server's steps have been run already. */
static enum phase_result rewrite_location(struct request *r)
{
	if (r->location == NULL)
		return PHASE_NEXT;
	return run_steps(r, request_section(r, LEVEL_LOCATION, &rewrite_module));
}

static int setup(struct conf *cf)
{
	return phase_add(cf, PHASE_SERVER_REWRITE, rewrite_server) < 0 ||
		       phase_add(cf, PHASE_REWRITE, rewrite_location) < 0
		   ? -1
		   : 0;
}

static const struct directive directives[] = {
    {"return", IN_SERVER | IN_SERVER_IF | IN_LOCATION | IN_LOCATION_IF | ARGS_1_2, set_return,
     LEVEL_LOCATION, 0, NULL},
    {.name = NULL},
};

static const struct http_hooks hooks = {.create_location = create_location, .setup = setup};

struct module rewrite_module = {
    .name = "rewrite", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
