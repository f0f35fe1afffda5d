/*
 * The modules and the filters of the server, in their order.
 *
 * Each module has one line in this table. The modules that the server could do without have a
 * file or a folder in modules/; the others are in the room that they belong to. Within a phase,
 * handlers run in the order of this table.
 */
#include "modules.h"

#include "http/answer/subrequest.h"
#include "http/answer/write_filter.h"
#include "http/request/filter.h"
#include "http/site/http.h"
#include "proc/settings.h"

#define MODULES(M)                                                                                 \
	M(settings)                                                                                \
	M(thread_pools)                                                                            \
	M(http_core)                                                                               \
	M(intake)                                                                                  \
	M(keepalive)                                                                               \
	M(filters)                                                                                 \
	M(variables)                                                                               \
	M(phases)                                                                                  \
	M(body)                                                                                    \
	M(send)                                                                                    \
	M(write)                                                                                   \
	M(refuse)                                                                                  \
	M(subrequest)                                                                              \
	M(post_action)                                                                             \
	M(clients)                                                                                 \
	M(fetch)                                                                                   \
	M(warm)                                                                                    \
	M(file_rules)                                                                              \
	M(open_file)                                                                               \
	M(upstream)                                                                                \
	M(realip)                                                                                  \
	M(limit_except)                                                                            \
	M(map)                                                                                     \
	M(rewrite)                                                                                 \
	M(limit_conn)                                                                              \
	M(limit_req)                                                                               \
	M(access)                                                                                  \
	M(try_files)                                                                               \
	M(proxy)                                                                                   \
	M(cache)                                                                                   \
	M(random_index)                                                                            \
	M(index)                                                                                   \
	M(autoindex)                                                                               \
	M(coding)                                                                                  \
	M(gzip_static)                                                                             \
	M(static)                                                                                  \
	M(demo_slow)                                                                               \
	M(stub_status)                                                                             \
	M(status)                                                                                  \
	M(error_page)                                                                              \
	M(headers)                                                                                 \
	M(ssi)                                                                                     \
	M(gzip)                                                                                    \
	M(not_modified)                                                                            \
	M(range)                                                                                   \
	M(chunked)                                                                                 \
	M(access_log)                                                                              \
	M(packet)                                                                                  \
	M(no_effect)

/* A response passes through the filters from top to bottom. */
#define FILTERS(F)                                                                                 \
	F(error_page)   /* sets the status of error pages */                                       \
	F(ssi)          /* must be before not_modified: SSI pages have no ETag */                  \
	F(not_modified) /* must be before gzip, which changes the ETag */                          \
	F(headers)                                                                                 \
	F(postpone) /* puts the output of subrequests into the order of the page */                \
	F(gzip)     /* must be before range: a compressed answer is never sent in parts */         \
	F(range)    /* sends only the parts of the body that a Range header asks for */            \
	F(chunked)                                                                                 \
	F(write)

#define DECLARE_MODULE(name) extern struct module name##_module;
#define DECLARE_FILTER(name) extern const struct filter name##_filter;
#define LIST_MODULE(name)    &name##_module,
#define LIST_FILTER(name)    &name##_filter,

MODULES(DECLARE_MODULE)
FILTERS(DECLARE_FILTER)

struct module *modules[] = {MODULES(LIST_MODULE) NULL};

const struct filter *const filters[] = {FILTERS(LIST_FILTER) NULL};
