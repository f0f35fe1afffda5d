/*
 * ssi_value: variables, texts with variables in them, and conditions of SSI commands. They are
 * in the page, so they are parsed when it is served.
 */
#ifndef SSI_VALUE_H
#define SSI_VALUE_H

#include "http/request/request.h"

/* The values that `set` has defined. A page and everything that it includes share them. */
struct ssi_variables {
	struct pool_list list; /* struct ssi_variable */
};

struct ssi_variable {
	struct str name, value;
};

#define SSI_TIME_FORMAT "%A, %d-%b-%Y %H:%M:%S %Z"

/* The settings on which the text of a command depends. */
struct ssi_scope {
	struct request *r;
	struct ssi_variables *variables;
	struct str time_format;
};

int ssi_set(const struct ssi_scope *s, struct str name, struct str value); /* copies the name */

/* The value of a variable: one of `set`, date_local or date_gmt, or one of the server. False:
 * no variable has this name. */
bool ssi_get(const struct ssi_scope *s, struct str name, struct str *value);

/* date_local or date_gmt, in the format of strftime. */
bool ssi_date(struct pool *p, struct str format, bool local, struct str *value);

/* A text with its variables replaced: "/menu?for=$arg_user", "\$5". False: there is a mistake
 * in it. */
bool ssi_expand(const struct ssi_scope *s, struct str text, struct str *value);

/* "$x", "$x = text", "$x != text", "$x = /pattern/" */
bool ssi_test(const struct ssi_scope *s, struct str expression, bool *holds);

#endif
