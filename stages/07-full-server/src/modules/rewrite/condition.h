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
	struct template *text; /* to compare with; the path */
	struct pattern *pattern;
	char file_test; /* 'f', 'd', 'e', 'x' */
};

/* The words behind the directive's name, parentheses included; -1 after conf_fail. */
int condition_parse(struct conf *cf, struct condition *c);

/* A pattern that matches leaves its captures with the request. */
bool condition_holds(struct request *r, const struct condition *c);

#endif
