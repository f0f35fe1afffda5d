/*
 * value: what the arguments of directives mean: flags, numbers, sizes, times.
 *
 * A row of a module's table says all about a simple setting: its name, where it stands, its
 * setter, its member in the section, and the default:
 *
 *     {"autoindex", IN_HTTP_ALL | ARGS_1, conf_set_flag, LEVEL_LOCATION,
 *      SETTING(struct autoindex_location, on, 0)},
 *
 * A new section has the members of such rows unset, and all others 0. When the blocks close, a
 * member that is still unset takes the value of the outer block, or else the default. A member
 * is an int (flags, enums), an int64_t (numbers, sizes, times), a struct str or a pointer.
 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "base/pattern.h"
#include "conf/conf.h"

enum { CONF_UNSET = -1 }; /* a struct str without data; a pointer that is NULL */

/* The last columns of a row. The default of a struct str is `extra`; a pointer has no
 * default. */
#define SETTING(section, name, value)                                                              \
	.at = offsetof(section, name), .type = SETTING_TYPE(((section *)NULL)->name),              \
	.otherwise = (value)
/* clang-format off */
#define SETTING_TYPE(x)                                                                            \
	_Generic((x), int: SETTING_INT, int64_t: SETTING_INT64, struct str: SETTING_STR,           \
		 default: SETTING_POINTER)
/* clang-format on */

/* A row for another member that the directive with this name sets, too. */
#define ALSO_SETS(name) name, 0, NULL

/*
 * conf_section: NULL after conf_fail. conf_unset: for a section made in another way, all 0.
 * conf_inherit: the outermost block is its own outer block.
 */
void conf_unset(const struct directive *rows, enum level level, void *section);
void *conf_section(struct conf *cf, const struct directive *rows, enum level level, size_t size);
void conf_inherit(const struct directive *rows, enum level level, void *inner, void *outer);

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

/* "max=10": true when the argument begins with the name, "max="; the value is what follows. */
bool conf_param(struct str arg, struct str name, struct str *value);

/* The list at d->at; if there is none yet, it is made. Returns a new entry of it; NULL after
 * conf_fail. */
struct pool_list *conf_list(struct conf *cf, const struct directive *d, void *section);
void *conf_list_add(struct conf *cf, const struct directive *d, void *section, size_t size);

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
int conf_bad_param(struct conf *cf, struct str arg);

#endif
