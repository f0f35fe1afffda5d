/*
 * value: reads the arguments of directives: flags, numbers, sizes and times.
 *
 * For a simple setting, one row in the table of the module is enough. The row contains the
 * name, the allowed blocks, the setter, the member in the section, and the default:
 *
 *     {"autoindex", IN_HTTP_ALL | ARGS_1, conf_set_flag, LEVEL_LOCATION,
 *      SETTING(struct autoindex_location, on, 0)},
 *
 * In a new section, the members of such rows are unset, and all other members are 0. When the
 * outermost block ends, a member that is still unset gets the value of the outer block. If that
 * is unset too, the member gets the default. A member is an int (flags, enums), an int64_t
 * (numbers, sizes, times), a struct str or a pointer.
 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "base/pattern.h"
#include "conf/conf.h"

enum { CONF_UNSET = -1 }; /* an unset struct str has data NULL; an unset pointer is NULL */

/* The last columns of a row. For a struct str, the default is in `extra`. A pointer has no
 * default. */
#define SETTING(section, name, value)                                                              \
	.at = offsetof(section, name), .type = SETTING_TYPE(((section *)NULL)->name),              \
	.otherwise = (value)
/* clang-format off */
#define SETTING_TYPE(x)                                                                            \
	_Generic((x), int: SETTING_INT, int64_t: SETTING_INT64, struct str: SETTING_STR,           \
		 default: SETTING_POINTER)
/* clang-format on */

/* A row for a second member that is set by the directive with this name. */
#define ALSO_SETS(name) name, 0, NULL

/*
 * conf_section makes a section, and returns NULL after conf_fail. conf_unset is for a zeroed
 * section that was made in another way. conf_inherit gives unset members their values; for the
 * outermost block, call it with outer = inner.
 */
void conf_unset(const struct directive *rows, enum level level, void *section);
void *conf_section(struct conf *cf, const struct directive *rows, enum level level, size_t size);
void conf_inherit(const struct directive *rows, enum level level, void *inner, void *outer);

/* These read the text as a value. They return false if it is not valid. */
bool parse_size(struct str text, int64_t *bytes);   /* 10, 8k, 1m */
bool parse_offset(struct str text, int64_t *bytes); /* 10, 8k, 1m, 2g */
bool parse_ms(struct str text, int64_t *ms);        /* 30, 1h30m, 500ms, "1d 12h" */
bool parse_seconds(struct str text, int64_t *seconds);

/* Setters for the tables of directives. They store the value at d->at in the section. In each
 * block, a directive may be used only once. */
int conf_set_flag(struct conf *cf, const struct directive *d, void *section);
int conf_set_number(struct conf *cf, const struct directive *d, void *section);
int conf_set_size(struct conf *cf, const struct directive *d, void *section);
int conf_set_offset(struct conf *cf, const struct directive *d, void *section);
int conf_set_ms(struct conf *cf, const struct directive *d, void *section);
int conf_set_str(struct conf *cf, const struct directive *d, void *section);
/* `extra` is the list of names */
int conf_set_enum(struct conf *cf, const struct directive *d, void *section);
/* the values of several names, combined with | */
int conf_set_bits(struct conf *cf, const struct directive *d, void *section);

/* Reads an argument like "max=10". Returns true if the argument begins with `name` ("max=").
 * Then *value is the rest of the argument. */
bool conf_param(struct str arg, struct str name, struct str *value);

/* conf_list returns the list at d->at, and makes the list if there is none yet. conf_list_add
 * returns a new entry of this list. Both return NULL after conf_fail. */
struct pool_list *conf_list(struct conf *cf, const struct directive *d, void *section);
void *conf_list_add(struct conf *cf, const struct directive *d, void *section, size_t size);

struct conf_name {
	const char *name; /* the last entry has the name NULL */
	int value;
};

struct conf_range { /* `extra` of conf_set_number */
	int64_t least, most;
};

/* Compiles the pattern. The pattern is freed with the configuration. Returns NULL after
 * conf_fail. */
struct pattern *conf_pattern(struct conf *cf, struct str source, bool ignore_case);

int conf_duplicate(struct conf *cf); /* reports: "x" directive is duplicate */
int conf_bad_value(struct conf *cf, struct str value);
int conf_bad_param(struct conf *cf, struct str arg);

#endif
