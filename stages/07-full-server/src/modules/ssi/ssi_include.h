/*
 * ssi_include: the command include. It inserts the answer of another URI into a page.
 *
 * Each include is a subrequest. All includes of a page run at the same time, and their output
 * is sent in the order of the page (subrequest.h). The options are:
 *
 *     wait="yes"    the page waits until the subrequest is done
 *     set="name"    the body becomes the value of a variable and is not shown; the page waits
 *     stub="name"   if the subrequest fails or its body is empty, that block is shown instead
 */
#ifndef SSI_INCLUDE_H
#define SSI_INCLUDE_H

#include "modules/ssi/ssi_page.h"

int ssi_include_run(struct ssi_page *p, const struct ssi_command *command);

/* The filter calls these functions for every request. They do something only if r is an
 * included part. */
void ssi_include_sees_head(struct request *r);
/* returns false when the body must be dropped */
bool ssi_include_takes_body(struct request *r, const struct chain *in);

#endif
