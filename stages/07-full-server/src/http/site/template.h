/*
 * template: a text with variables in it, compiled when the configuration is
 * read: "/www/$host/${uri}x", "$1".
 */
#ifndef HTTP_TEMPLATE_H
#define HTTP_TEMPLATE_H

#include "http/message/uri.h"
#include "http/site/variable.h"

struct template_part {
	struct str text;
	int variable; /* its index; TEXT: none; CAPTURE - n: capture n */
};

struct template
{
	struct str source;
	bool fixed; /* no variables: `source` is the value */
	struct pool_list parts;
};

/* NULL after conf_fail. */
struct template *template_compile(struct conf *cf, struct str source);

/* In the request's pool, with a NUL behind it; -1: no memory. */
int template_eval(struct request *r, const struct template *t, struct str *value);

/* Likewise, with what captures hold escaped for that part of a URI. */
int template_eval_quoted(struct request *r, const struct template *t, enum uri_part quote,
			 struct str *value);

/* One part's value; false: it has none (a log writes "-"). */
bool template_part_value(struct request *r, const struct template_part *part, struct str *value);

/* For conditions like `if=$x`: empty and "0" are false. */
bool template_is_true(struct request *r, const struct template *t);

int conf_set_template(struct conf *cf, const struct directive *d, void *section);

#endif
