/*
 * ssi_include: the include command: another URI's answer in a page.
 *
 * It runs as a subrequest, all of a page at once, and comes where it belongs
 * (subrequest.h); unless the command says
 *
 *     wait="yes"    the page is read on when it is done
 *     set="name"    it is not shown: its body becomes that variable (and it is waited for)
 *     stub="name"   when it fails or is empty, that block is shown instead
 */
#ifndef SSI_INCLUDE_H
#define SSI_INCLUDE_H

#include "modules/ssi/ssi_page.h"

int ssi_include_run(struct ssi_page *p, const struct ssi_command *command);

/* For the filter, which sees all requests: r may be something that is included. */
void ssi_include_sees_head(struct request *r);
bool ssi_include_takes_body(struct request *r, const struct chain *in); /* false: drop it */

#endif
