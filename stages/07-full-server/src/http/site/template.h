/*
 * template: a text with variables, such as "/www/$host/${uri}x" or "$1". Templates are compiled
 * when the configuration is read.
 */
#ifndef HTTP_TEMPLATE_H
#define HTTP_TEMPLATE_H

#include "http/site/variable.h"

enum { PART_TEXT = -1, PART_CAPTURE = -2 };

struct template_part {
	struct str text;
	int variable; /* the index of a variable, or PART_TEXT, or PART_CAPTURE - n for capture n */
};

struct template
{
	struct str source;
	bool fixed; /* the text has no variables, so `source` is the value */
	struct pool_list parts;
};

/* Compiles a text. Returns NULL after conf_fail. */
struct template *template_compile(struct conf *cf, struct str source);

int conf_set_template(struct conf *cf, const struct directive *d, void *section);

#endif
