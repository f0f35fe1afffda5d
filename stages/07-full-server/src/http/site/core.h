/*
 * core: the settings of servers and locations that more than one room needs. All others belong
 * to the file that uses them.
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
	/* the only content handler of this location; it replaces the phase. A module's
	 * directive sets it */
	enum phase_result (*handler)(struct request *r);

	struct template *root; /* of root or alias */
	bool alias;
	/* the location of this section; NULL: it belongs to a server or to http {} */
	struct location *location;
	struct mime_types *types;
	struct str default_type;
	struct template *charset;        /* after the merge NULL means: no charset */
	struct pool_list *charset_types; /* the types that get a charset, see mime_is_in */
	const struct log *error_log;
	int64_t body_max_size; /* client_max_body_size; 0: any */
	int64_t max_ranges;
	int server_tokens; /* enum tokens */
};

static inline struct core_location *core_location_of(void **sections)
{
	return sections[http_core_module.index];
}

/* True: add the location's charset to this type: it is one of charset_types and has no
 * parameters. */
bool core_wants_charset(const struct core_location *l, const struct response *out);

extern const struct directive http_core_directives[]; /* core_table.c */

/* Setters that are in other files. */
int server_set_listen(struct conf *cf, const struct directive *d, void *section);
int server_set_name(struct conf *cf, const struct directive *d, void *section);
int core_open_http(struct conf *cf, const struct directive *d, void *section);
int core_open_server(struct conf *cf, const struct directive *d, void *section);
int core_open_location(struct conf *cf, const struct directive *d, void *section);

#endif
