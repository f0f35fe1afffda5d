/*
 * condition: the text between the parentheses of an `if`.
 *
 *     ($x)                 neither empty nor "0"
 *     ($x = text)  !=      the text may have variables
 *     ($x ~ pattern)  ~*  !~  !~*
 *     (-f path)  -d  -e  -x  and with a "!" before: a file, a folder, anything,
 *                          something that can be executed
 */
#ifndef REWRITE_CONDITION_H
#define REWRITE_CONDITION_H

#include "base/pattern.h"
#include "http/site/template.h"

struct condition {
	bool (*test)(struct request *r, const struct condition *c);
	bool negated;
	int variable;
	struct template *text; /* the text to compare with, or the path */
	struct pattern *pattern;
	char file_test; /* 'f', 'd', 'e', 'x' */
};

/* Reads the words behind the directive's name, with the parentheses. -1 after conf_fail. */
int condition_parse(struct conf *cf, struct condition *c);

/* Does it hold? If a pattern matches, the request has its captures afterwards. */
bool condition_holds(struct request *r, const struct condition *c);

#endif
