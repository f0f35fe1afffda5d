#include "http/answer/refuse.h"

#include "base/escape.h"
#include "http/message/uri.h"
#include "http/message/version.h"
#include "http/request/filter.h"
#include "http/request/keepalive.h"
#include "http/site/core.h"
#include "http/wire/client.h"

enum { SILENT = 444, PAGE_ROOM = 512 };

struct refuse_rules {
	int msie_refresh;
};

extern struct module refuse_module;

static const char head_open[] = "<html>\r\n<head><title>";
static const char head_close[] = "</title></head>\r\n<body>\r\n<center><h1>";
static const char rule[] = "</h1></center>\r\n<hr><center>";
static const char end[] = "</center>\r\n</body>\r\n</html>\r\n";

static char *put_title(char *to, int status)
{
	struct str reason = status_reason(status);

	to = put_number(to, (uint64_t)status);
	if (reason.len > 0)
		*to++ = ' ';
	return put_str(to, reason);
}

static struct str page(struct request *r, int status)
{
	char *text = pool_bytes(r->pool, PAGE_ROOM), *to = text;

	if (text == NULL)
		return STR_NONE;
	to = put_str(to, str_from(head_open));
	to = put_title(to, status);
	to = put_str(to, str_from(head_close));
	to = put_title(to, status);
	to = put_str(to, str_from(rule));
	to = put_str(to, r->core->server_tokens != TOKENS_OFF ? STR(SERVER_FULL_NAME)
							      : STR(SERVER_NAME));
	to = put_str(to, str_from(end));
	return str_between(text, to);
}

static bool has_page(int status)
{
	return status >= 300 && status != 304 && status_reason(status).len > 0;
}

/* Clears the response that a handler has prepared, because the handler's response is not
 * sent. */
static void response_restart(struct request *r, int status)
{
	struct str location = r->out.location;
	struct header_list headers = r->out.headers;

	response_init(&r->out);
	r->out.status = status;
	r->out.location = location;
	r->out.headers = headers; /* these are kept, for example WWW-Authenticate and Allow */
	r->out.unconditional = true;
}

static int add_allow(struct request *r)
{
	if (header_find(&r->out.headers, STR("Allow"), 0) != NULL)
		return 0;
	return header_add(r->pool, &r->out.headers, STR("Allow"), STR("GET, HEAD")) != NULL ? 0
											    : -1;
}

static bool is_msie(const struct request *r)
{
	const struct str *agent = request_header(r, HEADER_USER_AGENT);

	return agent != NULL && memmem(agent->data, agent->len, "MSIE ", 5) != NULL &&
	       memmem(agent->data, agent->len, "Opera", 5) == NULL;
}

static bool wants_refresh(const struct request *r, int status)
{
	const struct refuse_rules *l = request_section(r, LEVEL_LOCATION, &refuse_module);

	return l->msie_refresh && (status == 301 || status == 302) && is_msie(r);
}

/* msie_refresh: an old browser loses the fragment ("#...") when it follows a redirect. So such
 * a browser gets a page with a Refresh instead of the redirect. */
static enum phase_result send_refresh(struct request *r, int status)
{
	static const char before[] = "<html><head><meta http-equiv=\"Refresh\" content=\"0; URL=";
	static const char behind[] = "\"></head><body></body></html>\r\n";
	struct str url = uri_fit(r->pool, r->out.location);
	char *text =
	    url.data != NULL
		? pool_bytes(r->pool, sizeof(before) + ESCAPED_MAX * url.len + sizeof(behind))
		: NULL;
	char *to = text;

	if (text == NULL)
		return refuse_with_text(r, 500);
	to = put_str(to, str_from(before));
	to = put_html(to, url);
	to = put_str(to, str_from(behind));
	response_restart(r, status);
	r->out.location = STR_NONE;
	return request_send_text(r, 200, STR("text/html"), str_between(text, to));
}

enum phase_result refuse_with_text(struct request *r, int status)
{
	r->error_status = 0; /* the built-in page has the status `status` */
	if (r->out.head_sent || status == SILENT) {
		/* The connection is closed without an answer. If a response has begun, the
		 * client notices that bytes are missing. If the status is 444, the client gets
		 * no response. */
		if (!r->out.head_sent)
			r->out.status = status; /* the log shows this status */
		r->failed = true;
		r->keepalive = false;
		return PHASE_DONE;
	}
	if (wants_refresh(r, status))
		return send_refresh(r, status);
	response_restart(r, status);
	if (!keepalive_survives(status))
		r->keepalive = false;
	if (status == 405 && add_allow(r) < 0)
		r->failed = true;
	return request_send_text(r, status, has_page(status) ? STR("text/html") : STR_NONE,
				 has_page(status) ? page(r, status) : STR_NONE);
}

enum phase_result refuse_with_page(struct request *r, int status)
{
	/* before the head is sent, the error page may try again to get memory */
	if (r == r->main && !r->out.head_sent)
		pool_set_starved(r->pool, false);
	if (!keepalive_survives(status))
		r->keepalive = false;
	r->refusal = status;
	r->error_status = r->out.head_sent ? 0 : status;
	if (!r->out.head_sent && status != SILENT && r->http->on_refuse != NULL &&
	    r->http->on_refuse(r, status))
		return PHASE_RESTART;
	return refuse_with_text(r, r->refusal);
}

/* ---- the module */

static const struct directive directives[] = {
    {"msie_refresh", IN_HTTP_ALL | ARGS_1, conf_set_flag, LEVEL_LOCATION,
     SETTING(struct refuse_rules, msie_refresh, 0)},
    {.name = NULL},
};

static const struct http_hooks hooks = {.location_size = sizeof(struct refuse_rules)};

struct module refuse_module = {
    .name = "refuse", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};
