/*
 * ssi_page: a page that is put together while it is served: the effect of its commands.
 *
 *     <!--# include virtual="/menu.html?for=$arg_user" -->    file="menu.html"
 *           stub="name" set="name" wait="yes"                 see ssi_include.h
 *     <!--# block name="name" --> ... <!--# endblock -->
 *     <!--# set var="title" value="Hello, $remote_addr" -->
 *     <!--# echo var="title" default="none" encoding="none|url|entity" -->
 *     <!--# if expr="$title = /^Hello/" --> ... <!--# elif expr="..." --> ... <!--# else -->
 * ...
 *     <!--# endif -->
 *     <!--# config errmsg="sorry" timefmt="%H:%M" -->
 *
 * An error is shown as errmsg, and the page goes on.
 */
#ifndef SSI_PAGE_H
#define SSI_PAGE_H

#include "http/request/filter.h"
#include "modules/ssi/ssi_scan.h"
#include "modules/ssi/ssi_value.h"

enum { SSI_NESTED_MAX = 16 };

struct ssi_branch {
	bool outer; /* the text before the `if` was shown */
	bool taken; /* one of its branches was shown, or is */
	bool shown; /* the text of this branch is shown */
};

/* The text of a block is not shown where it is defined: an include may use it as its stub. */
struct ssi_block {
	struct str name;
	struct chain *content;
	struct ssi_block *next;
};

struct ssi_page {
	struct request *r;
	const struct filter *const *filter; /* the place of ssi among the filters */
	struct ssi_scope scope;
	struct str error_message;
	bool silent; /* ssi_silent_errors */
	struct ssi_branch branches[SSI_NESTED_MAX];
	size_t depth; /* how many `if`s are open */
	struct ssi_block *blocks;
	struct ssi_block *block; /* the block that is open; NULL: none */
	/* it waits for an include, and what follows is not read before the include is done */
	bool waits;
	struct chain *out; /* what is ready for the next filter */
};

/* `variables`: those of the page that includes this page; NULL: no page does. -1: no memory. */
int ssi_page_init(struct ssi_page *p, struct request *r, struct ssi_variables *variables);

bool ssi_page_is_shown(const struct ssi_page *p);

/* These return 0, or -1 when the response cannot go on. */
/* `text` must stay as long as the request */
int ssi_page_add(struct ssi_page *p, struct str text);
int ssi_page_add_error(struct ssi_page *p);
int ssi_page_fail(struct ssi_page *p, const char *problem, struct str what);

enum send_result ssi_page_pass_on(struct ssi_page *p);

#endif
