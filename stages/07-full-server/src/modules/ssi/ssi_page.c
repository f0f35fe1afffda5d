#include "modules/ssi/ssi_page.h"

#include "base/escape.h"
#include "http/message/uri.h"
#include "http/request/filter.h"

int ssi_page_init(struct ssi_page *p, struct request *r, struct ssi_variables *variables)
{
	p->r = r;
	p->scope.r = r;
	p->scope.variables = variables;
	if (variables == NULL)
		p->scope.variables = pool_zalloc(r->pool, sizeof(*p->scope.variables));
	p->scope.time_format = STR(SSI_TIME_FORMAT);
	p->error_message = STR("[an error occurred while processing the directive]");
	return p->scope.variables != NULL ? 0 : -1;
}

bool ssi_page_is_shown(const struct ssi_page *p)
{
	return p->depth == 0 || p->branches[p->depth - 1].shown;
}

int ssi_page_add(struct ssi_page *p, struct str text)
{
	struct chain **to = p->block != NULL ? &p->block->content : &p->out;

	return text.len > 0 ? chain_append(p->r->pool, to, buf_memory(p->r->pool, text)) : 0;
}

int ssi_page_add_error(struct ssi_page *p)
{
	return p->silent || !ssi_page_is_shown(p) ? 0 : ssi_page_add(p, p->error_message);
}

int ssi_page_fail(struct ssi_page *p, const char *problem, struct str what)
{
	request_log(p->r, LOG_ERROR, "%s \"%.*s\" in an SSI command", problem, STR_ARGS(what));
	return ssi_page_add_error(p);
}

enum send_result ssi_page_pass_on(struct ssi_page *p)
{
	struct chain *out = p->out;

	p->out = NULL;
	return filter_body_next(p->filter, p->r, out);
}
