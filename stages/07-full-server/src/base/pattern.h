/*
 * pattern: POSIX extended regular expressions. A pattern that only PCRE understands is refused
 * when the configuration is read.
 */
#ifndef BASE_PATTERN_H
#define BASE_PATTERN_H

#include <regex.h>

#include "base/str.h"

struct pattern {
	regex_t regex;
};

/* `source` must end with a NUL. Returns NULL on success, otherwise the text of the error. Then
 * errno is EINVAL or ENOMEM. */
const char *pattern_compile(struct pattern *p, const char *source, bool ignore_case);
void pattern_fini(struct pattern *p);

/*
 * Returns the number of captures, at most `max`; capture 0 is the whole match. Returns 0 when
 * the pattern does not match, and -1 when there was not enough memory for the test. Do not
 * treat -1 as "no match": a "deny all" may depend on the result.
 */
int pattern_match(const struct pattern *p, struct str subject, struct str *captures, size_t max);

#endif
