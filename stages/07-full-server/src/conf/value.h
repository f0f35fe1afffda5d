/*
 * value: what the arguments of directives mean: flags, numbers, sizes, times.
 *
 * A member that no directive has set is CONF_UNSET (a struct str: data NULL);
 * conf_inherit* gives it the outer block's value, or else the default. The
 * types in the sections: int for flags and enums, int64_t for the others.
 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "base/pattern.h"
#include "conf/conf.h"

enum { CONF_UNSET = -1 };

/* Reads the text as a value; false: it is not valid. */
bool parse_size(struct str text, int64_t *bytes);   /* 10, 8k, 1m */
bool parse_offset(struct str text, int64_t *bytes); /* and 2g */
bool parse_ms(struct str text, int64_t *ms);        /* 30, 1h30m, 500ms, "1d 12h" */
bool parse_seconds(struct str text, int64_t *seconds);

/* Setters for directive tables: they store the value at d->at in the section. A directive may
 * stand once in a block. */
int conf_set_flag(struct conf *cf, const struct directive *d, void *section);
int conf_set_number(struct conf *cf, const struct directive *d, void *section);
int conf_set_size(struct conf *cf, const struct directive *d, void *section);
int conf_set_offset(struct conf *cf, const struct directive *d, void *section);
int conf_set_ms(struct conf *cf, const struct directive *d, void *section);
int conf_set_str(struct conf *cf, const struct directive *d, void *section);
int conf_set_enum(struct conf *cf, const struct directive *d, void *section); /* extra: names */
int conf_set_bits(struct conf *cf, const struct directive *d, void *section); /* names or-ed */

struct conf_name {
	const char *name; /* a name of NULL ends the list */
	int value;
};

struct conf_range { /* `extra` of conf_set_number */
	int64_t least, most;
};

/* Compiles the pattern; it is freed with the configuration. NULL after conf_fail. */
struct pattern *conf_pattern(struct conf *cf, struct str source, bool ignore_case);

int conf_duplicate(struct conf *cf); /* reports: "x" directive is duplicate */
int conf_bad_value(struct conf *cf, struct str value);

static inline void conf_inherit(int64_t *inner, int64_t outer, int64_t otherwise)
{
	if (*inner == CONF_UNSET)
		*inner = outer == CONF_UNSET ? otherwise : outer;
}

static inline void conf_inherit_int(int *inner, int outer, int otherwise)
{
	if (*inner == CONF_UNSET)
		*inner = outer == CONF_UNSET ? otherwise : outer;
}

static inline void conf_inherit_str(struct str *inner, struct str outer, struct str otherwise)
{
	if (inner->data == NULL)
		*inner = outer.data == NULL ? otherwise : outer;
}

/* Inherits a pointer or a list as a whole: a block with a list of its own gets nothing from the
 * outer block's list. */
#define CONF_INHERIT_PTR(inner, outer, otherwise)                                                  \
	do {                                                                                       \
		if ((inner) == NULL)                                                               \
			(inner) = (outer) == NULL ? (otherwise) : (outer);                         \
	} while (0)

#endif
