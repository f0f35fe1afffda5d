/*
 * settings: the values of the proxy_* directives in one location.
 */
#ifndef PROXY_SETTINGS_H
#define PROXY_SETTINGS_H

#include "http/request/request.h"
#include "http/site/template.h"
#include "io/address.h"
#include "io/temp_file.h"

/* After these failures the proxy asks the next server. proxy_cache_use_stale uses the same
 * bits. */
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

/* Returns the FAIL_HTTP_* bit of a status. Returns 0 when the status is not a failure. */
int fail_of_status(int status);

/* The header names that proxy_ignore_headers accepts, as bits. */
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
	/* not inherited; NULL means that the location has no proxy_pass */
	struct target *target;

	/* the request */
	struct pool_list *set_headers; /* struct header_rule */
	struct template *method, *body;
	int http_version; /* HTTP_10, HTTP_11 */
	int pass_headers, pass_body, request_buffering;

	/* the connection to the server */
	int64_t connect_timeout, send_timeout, read_timeout;
	int next; /* FAIL_* bits: after these failures the proxy asks the next server */
	int64_t next_tries, next_timeout;
	int ignore_abort;
	/* the local address of the connection; NULL: the kernel chooses it */
	struct template *bind;

	/* the reply */
	int buffering, intercept_errors, force_ranges;
	int ignore_headers; /* bits IGNORE_* */
	int64_t buffer_size, buffer_count, one_buffer, busy_size;
	int64_t max_temp_file, temp_write;
	const struct temp_folder *temp;
	struct template *limit_rate;
	struct pool_list *hide, *pass; /* struct str: proxy_hide_header, proxy_pass_header */
	struct pool_list *redirects;   /* struct rewrite_rule; an empty list means "off" */
	struct pool_list *cookie_domains, *cookie_paths, *cookie_flags;

	/* proxy_store */
	int store;             /* STORE_ON: the file has the path that root or alias gives */
	struct template *path; /* the path for STORE_AT_PATH */
	int store_access;      /* the mode of the file */
};

extern struct module proxy_module;

static inline const struct proxy_location *proxy_location_of(const struct request *r)
{
	return request_section(r, LEVEL_LOCATION, &proxy_module);
}

extern const struct directive proxy_directives[];
int proxy_merge_location(struct conf *cf, void *outer, void *inner);

/* Returns the target of this location. In an `if` or limit_except block without a proxy_pass,
 * returns the target of the location around the block. Returns NULL when there is no target. */
const struct target *proxy_target_of(const struct request *r);

#endif
