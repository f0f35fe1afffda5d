/*
 * core: the sections of http {} that belong to no module: the settings of every server and
 * location.
 */
#ifndef HTTP_CORE_H
#define HTTP_CORE_H

#include "base/log.h"
#include "conf/value.h"
#include "http/message/response.h"
#include "http/site/location.h"
#include "http/site/mime.h"
#include "http/site/template.h"

struct temp_folder;

enum lingering { LINGERING_OFF, LINGERING_ON, LINGERING_ALWAYS };
enum satisfy { SATISFY_ALL, SATISFY_ANY };
enum if_modified { IF_MODIFIED_OFF, IF_MODIFIED_EXACT, IF_MODIFIED_BEFORE };
enum body_in_file { BODY_IN_FILE_OFF, BODY_IN_FILE_ON, BODY_IN_FILE_CLEAN };
enum tokens { TOKENS_OFF, TOKENS_ON, TOKENS_BUILD };
enum { KEEPALIVE_DISABLE_NONE = 1, KEEPALIVE_DISABLE_MSIE6 = 2, KEEPALIVE_DISABLE_SAFARI = 4 };

struct named_pool;

struct core_server {
	int64_t client_header_timeout;
	int64_t client_header_buffer_size;
	int64_t large_buffer_count, large_buffer_size;
	int64_t max_headers;
	int64_t request_pool_size, connection_pool_size;
	int merge_slashes, ignore_invalid_headers, underscores_in_headers;
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

	/* ms; seconds of the Keep-Alive line, 0: no line */
	int64_t keepalive_timeout, keepalive_header;
	int64_t keepalive_requests, keepalive_time;
	int keepalive_disable;
	int lingering_close; /* enum lingering */
	int64_t lingering_time, lingering_timeout;
	int reset_timedout;
	int64_t send_timeout;

	int64_t body_timeout, body_buffer_size, body_max_size;
	const struct temp_folder *body_temp; /* client_body_temp_path */
	int body_in_file;                    /* enum body_in_file */
	int body_in_single_buffer;

	int64_t limit_rate, limit_rate_after, postpone_output;
	int aio;                     /* files are read by threads when they are not in memory: */
	struct named_pool *aio_pool; /* the pool whose threads read files; NULL: aio is off */
	int sendfile;
	/* directio: for files of this size or larger; INT64_MAX: never */
	int64_t sendfile_max_chunk, directio;
	int64_t subrequest_buffer;
	int tcp_nodelay, tcp_nopush, chunked;
	int gzip_vary; /* used by gzip and gzip_static */

	int etag, if_modified;
	int64_t max_ranges;
	int server_tokens;
	int absolute_redirect, port_in_redirect, server_name_in_redirect;
	int log_not_found, internal, satisfy;
	int msie_refresh;
	struct str post_action; /* empty: none */
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
