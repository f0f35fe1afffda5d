/*
 * settings: what the proxy_* directives of a location say.
 */
#ifndef PROXY_SETTINGS_H
#define PROXY_SETTINGS_H

#include "http/request/request.h"
#include "http/site/template.h"
#include "io/address.h"
#include "io/temp_file.h"

/* Failures after which the next server is asked. proxy_cache_use_stale has the same words. */
enum {
	FAIL_ERROR = 1 << 0,
	FAIL_TIMEOUT = 1 << 1,
	FAIL_INVALID_HEADER = 1 << 2,
	FAIL_HTTP_403 = 1 << 3,
	FAIL_HTTP_404 = 1 << 4,
	FAIL_HTTP_429 = 1 << 5,
	FAIL_HTTP_500 = 1 << 6,
	FAIL_HTTP_502 = 1 << 7,
	FAIL_HTTP_503 = 1 << 8,
	FAIL_HTTP_504 = 1 << 9,
	FAIL_NON_IDEMPOTENT = 1 << 10,
	FAIL_OFF = 1 << 11,
};

/* The FAIL_HTTP_* bit of a status; 0: it does not count as a failure. */
int fail_of_status(int status);

/* proxy_ignore_headers */
enum {
	IGNORE_ACCEL_REDIRECT = 1 << 0,
	IGNORE_ACCEL_EXPIRES = 1 << 1,
	IGNORE_ACCEL_LIMIT_RATE = 1 << 2,
	IGNORE_ACCEL_BUFFERING = 1 << 3,
	IGNORE_ACCEL_CHARSET = 1 << 4,
	IGNORE_EXPIRES = 1 << 5,
	IGNORE_CACHE_CONTROL = 1 << 6,
	IGNORE_SET_COOKIE = 1 << 7,
	IGNORE_VARY = 1 << 8,
};

enum { STORE_OFF, STORE_ON, STORE_AT_PATH };

struct target;

struct proxy_location {
	struct target *target; /* not inherited; NULL: there is no proxy_pass here */

	/* the request */
	struct pool_list *set_headers; /* struct header_rule */
	struct template *method, *body;
	int http_version; /* HTTP_10, HTTP_11 */
	int pass_headers, pass_body, request_buffering;

	/* the way */
	int64_t connect_timeout, send_timeout, read_timeout;
	int next; /* FAIL_* bits: after these failures the next server is asked */
	int64_t next_tries, next_timeout;
	int ignore_abort;
	struct template *bind; /* NULL: the kernel chooses */

	/* the reply */
	int buffering, intercept_errors, force_ranges;
	int ignore_headers; /* IGNORE_* */
	int64_t buffer_size, buffer_count, one_buffer, busy_size;
	int64_t max_temp_file, temp_write;
	const struct temp_folder *temp;
	struct template *limit_rate;
	struct pool_list *hide, *pass; /* struct str: proxy_hide_header, proxy_pass_header */
	struct pool_list *redirects;   /* struct rewrite_rule; empty: off */
	struct pool_list *cookie_domains, *cookie_paths, *cookie_flags;

	/* proxy_store */
	int store;             /* STORE_ON: the path that root or alias gives */
	struct template *path; /* STORE_AT_PATH */
	int store_access;      /* mode of the file */
};

extern struct module proxy_module;

static inline const struct proxy_location *proxy_location_of(const struct request *r)
{
	return request_section(r, LEVEL_LOCATION, &proxy_module);
}

extern const struct directive proxy_directives[];
int proxy_merge_location(struct conf *cf, void *outer, void *inner);

/* The target of the location, or of the one around an `if` or limit_except. NULL: none. */
const struct target *proxy_target_of(const struct request *r);

#endif
