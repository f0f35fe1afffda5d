/*
 * core: the settings of servers and locations that several directories of http/ use. Any other
 * setting is in the file that uses it.
 */
#ifndef HTTP_CORE_H
#define HTTP_CORE_H

#include "base/log.h"
#include "http/message/response.h"
#include "http/site/location.h"
#include "http/site/mime.h"
#include "http/site/template.h"

enum tokens { TOKENS_OFF, TOKENS_ON, TOKENS_BUILD };

struct server_rules {
	int64_t request_pool_size, connection_pool_size;
	int merge_slashes;
};

struct core_location {
	/* If this is not NULL, the server calls this handler instead of the handlers of the
	 * content phase. The setter of a directive such as proxy_pass or stub_status sets this
	 * pointer. */
	enum phase_result (*handler)(struct request *r);

	struct template *root; /* the value of root or alias */
	bool alias;
	/* The location of this section. NULL means that the section belongs to a server or
	 * to http {}. */
	struct location *location;
	struct mime_types *types;
	struct str default_type;
	struct template *charset;        /* after the merge, NULL means that no charset is added */
	struct pool_list *charset_types; /* the types that get a charset, see mime_is_in */
	const struct log *error_log;
	int64_t body_max_size; /* client_max_body_size in bytes; 0 means no limit */
	int64_t max_ranges;
	int server_tokens; /* enum tokens */
};

static inline struct core_location *core_location_of(void **sections)
{
	return sections[http_core_module.index];
}

/* Returns true if the response gets the charset of the location. Its type must be one of
 * charset_types, and must have no parameters yet. */
bool core_wants_charset(const struct core_location *l, const struct response *out);

extern const struct directive http_core_directives[]; /* defined in core_table.c */

/* These setters of directives are defined in points.c and blocks.c. */
int server_set_listen(struct conf *cf, const struct directive *d, void *section);
int server_set_name(struct conf *cf, const struct directive *d, void *section);
int core_open_http(struct conf *cf, const struct directive *d, void *section);
int core_open_server(struct conf *cf, const struct directive *d, void *section);
int core_open_location(struct conf *cf, const struct directive *d, void *section);

#endif
