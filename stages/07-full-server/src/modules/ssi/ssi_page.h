/*
 * ssi_page: the state of a page while its commands are executed.
 *
 *     <!--# include virtual="/menu.html?for=$arg_user" -->    file="menu.html"
 *           stub="name" set="name" wait="yes"                 see ssi_include.h
 *     <!--# block name="name" --> ... <!--# endblock -->
 *     <!--# set var="title" value="Hello, $remote_addr" -->
 *     <!--# echo var="title" default="none" encoding="none|url|entity" -->
 *     <!--# if expr="$title = /^Hello/" --> ... <!--# elif expr="..." --> ...
 *     <!--# else --> ... <!--# endif -->
 *     <!--# config errmsg="sorry" timefmt="%H:%M" -->
 *
 * After an error the page shows errmsg and continues.
 */
#ifndef SSI_PAGE_H
#define SSI_PAGE_H

#include "http/request/filter.h"
#include "modules/ssi/ssi_scan.h"
#include "modules/ssi/ssi_value.h"

enum { SSI_NESTED_MAX = 16 };

struct ssi_branch {
	bool outer; /* the text around the `if` is shown */
	bool taken; /* a branch of this `if` was shown, or is shown now */
	bool shown; /* the text of the present branch is shown */
};

/* A block with a name. Its text is not shown at this place. An include may use it as a stub. */
struct ssi_block {
	struct str name;
	struct chain *content;
	struct ssi_block *next;
};

struct ssi_page {
	struct request *r;
	const struct filter *const *filter; /* the position of ssi in the list of filters */
	struct ssi_scope scope;
	struct str error_message;
	bool silent; /* ssi_silent_errors is on */
	struct ssi_branch branches[SSI_NESTED_MAX];
	size_t depth; /* the number of open `if`s */
	struct ssi_block *blocks;
	struct ssi_block *block; /* the open block; NULL means that no block is open */
	/* The page waits for an include. The rest of the page is read when the include is
	 * done. */
	bool waits;
	struct chain *out; /* bufs that are ready for the next filter */
};

/* `variables` are the variables of the main request. NULL means that the main request has none
 * yet; then this function creates them. Returns -1 when there is no memory. */
int ssi_page_init(struct ssi_page *p, struct request *r, struct ssi_variables *variables);

bool ssi_page_is_shown(const struct ssi_page *p);

/* These functions return 0, or -1 when the response cannot continue. The memory of `text` must
 * stay valid as long as the request. */
int ssi_page_add(struct ssi_page *p, struct str text);
int ssi_page_add_error(struct ssi_page *p);
int ssi_page_fail(struct ssi_page *p, const char *problem, struct str what);

enum send_result ssi_page_pass_on(struct ssi_page *p);

#endif
