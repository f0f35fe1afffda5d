/*
 * pattern: regular expressions, POSIX extended. A pattern that only PCRE understands is
 * refused when the configuration is read.
 */
#ifndef BASE_PATTERN_H
#define BASE_PATTERN_H

#include <regex.h>

#include "base/str.h"

struct pattern {
	regex_t regex;
};

/* `source` ends with a NUL. NULL: compiled; otherwise what is wrong, with errno EINVAL or ENOMEM. */
const char *pattern_compile(struct pattern *p, const char *source, bool ignore_case);
void pattern_fini(struct pattern *p);

/*
 * Returns the number of captures; capture 0 is the whole match. 0: no match. -1: there was no
 * memory to find out. Do not treat -1 as "no match": a "deny all" may depend on it.
 */
int pattern_match(const struct pattern *p, struct str subject, struct str *captures, size_t max);

#endif
