/*
 * condition: the text between the parentheses of an `if`.
 *
 *     ($x)                         $x is neither empty nor "0"
 *     ($x = text)  !=              the text may contain variables
 *     ($x ~ pattern)  ~*  !~  !~*
 *     (-f path)                    path is a file
 *     (-d path)  (-e path)         path is a folder; path exists
 *     (-x path)                    path can be executed
 *     (!-f path)  !-d  !-e  !-x    the opposite
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

/* Reads the words after the directive's name, with the parentheses. Returns -1 after
 * conf_fail. */
int condition_parse(struct conf *cf, struct condition *c);

/* Returns true when the condition is true. If its pattern matches, the request gets the
 * captures. */
bool condition_holds(struct request *r, const struct condition *c);

#endif
