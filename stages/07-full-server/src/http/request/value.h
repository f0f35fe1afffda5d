/*
 * value: what variables and templates are for one request.
 */
#ifndef HTTP_VALUE_H
#define HTTP_VALUE_H

#include "http/message/uri.h"
#include "http/request/request.h"
#include "http/site/template.h"

/* ---- variables */

/* False: it has no value now. */
bool variable_get(struct request *r, int index, struct str *value);
/* By a name that the configuration does not contain: slower. */
bool variable_get_named(struct request *r, struct str name, struct str *value);
int variable_set(struct request *r, int index, struct str value);

/* ---- templates */

/* In the request's pool, with a NUL behind it; -1: no memory. */
int template_eval(struct request *r, const struct template *t, struct str *value);

/* Likewise, with what captures hold escaped for that part of a URI. */
int template_eval_quoted(struct request *r, const struct template *t, enum uri_part quote,
			 struct str *value);

/* One part's value; false: it has none (a log writes "-"). */
bool template_part_value(struct request *r, const struct template_part *part, struct str *value);

/* For conditions like `if=$x`: empty and "0" are false. */
bool template_is_true(struct request *r, const struct template *t);

#endif
