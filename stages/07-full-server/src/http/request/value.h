/*
 * value: what variables and templates are for one request.
 */
#ifndef HTTP_VALUE_H
#define HTTP_VALUE_H

#include "http/message/uri.h"
#include "http/request/request.h"
#include "http/site/template.h"

/* ---- variables */

/* The value of a variable. False: it has none now. */
bool variable_get(struct request *r, int index, struct str *value);
/* The same by name, for names that are not in the configuration: slower. */
bool variable_get_named(struct request *r, struct str name, struct str *value);
int variable_set(struct request *r, int index, struct str value);

/* ---- templates */

/* The text with its variables replaced, in the request's pool, with a NUL behind it. -1: no
 * memory. */
int template_eval(struct request *r, const struct template *t, struct str *value);

/* The same, but the captures are escaped for that part of a URI. */
int template_eval_quoted(struct request *r, const struct template *t, enum uri_part quote,
			 struct str *value);

/* The value of one part. False: it has none (a log writes "-"). */
bool template_part_value(struct request *r, const struct template_part *part, struct str *value);

/* For conditions like `if=$x`: false if the text is empty or "0". */
bool template_is_true(struct request *r, const struct template *t);

#endif
