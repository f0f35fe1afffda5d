/*
 * value: the values of variables and templates in one request.
 */
#ifndef HTTP_VALUE_H
#define HTTP_VALUE_H

#include "http/message/uri.h"
#include "http/request/request.h"
#include "http/site/template.h"

/* ---- variables */

/* Writes the value of a variable to *value. Returns false if the variable has no value now. */
bool variable_get(struct request *r, int index, struct str *value);
/* variable_get_named does the same for a name that is not in the configuration. It is
 * slower. */
bool variable_get_named(struct request *r, struct str name, struct str *value);
int variable_set(struct request *r, int index, struct str value);

/* ---- templates */

/* Replaces the variables of a template and writes the text to *value. The text is in the
 * pool of the request, followed by a NUL. Returns -1 if there is no memory. */
int template_eval(struct request *r, const struct template *t, struct str *value);

/* template_eval_quoted does the same, but escapes the captures for this part of a URI. */
int template_eval_quoted(struct request *r, const struct template *t, enum uri_part quote,
			 struct str *value);

/* Writes the value of one part of a template to *value. Returns false if the part has no value;
 * for such a part a log shows "-". */
bool template_part_value(struct request *r, const struct template_part *part, struct str *value);

/* Tests a condition like `if=$x`. Returns false if the text is empty or "0". */
bool template_is_true(struct request *r, const struct template *t);

#endif
