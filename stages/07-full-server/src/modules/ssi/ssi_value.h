/*
 * ssi_value: the variables in SSI commands, texts with variables, and conditions. They are part
 * of the page, so they are parsed while the page is served.
 */
#ifndef SSI_VALUE_H
#define SSI_VALUE_H

#include "http/request/request.h"

/* The variables that `set` has defined. A page and all parts that it includes share them. */
struct ssi_variables {
	struct pool_list list; /* struct ssi_variable */
};

struct ssi_variable {
	struct str name, value;
};

#define SSI_TIME_FORMAT "%A, %d-%b-%Y %H:%M:%S %Z"

/* The settings that the text of a command depends on. */
struct ssi_scope {
	struct request *r;
	struct ssi_variables *variables;
	struct str time_format;
};

int ssi_set(const struct ssi_scope *s, struct str name, struct str value); /* copies the name */

/* Gets the value of a variable: a variable of `set`, date_local, date_gmt, or a variable of the
 * server. Returns false when no variable has this name. */
bool ssi_get(const struct ssi_scope *s, struct str name, struct str *value);

/* Gets date_local or date_gmt, in the format of strftime. */
bool ssi_date(struct pool *p, struct str format, bool local, struct str *value);

/* Replaces the variables in a text such as "/menu?for=$arg_user". "\$5" gives "$5". Returns
 * false when the text has an error. */
bool ssi_expand(const struct ssi_scope *s, struct str text, struct str *value);

/* Tests "$x", "$x = text", "$x != text" or "$x = /pattern/". Returns false when the expression
 * has an error. */
bool ssi_test(const struct ssi_scope *s, struct str expression, bool *holds);

#endif
