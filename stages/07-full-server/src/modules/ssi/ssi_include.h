/*
 * ssi_include: the include command: another URI's answer in a page.
 *
 * It runs as a subrequest; all includes of a page run at the same time, and their output is
 * put in order (subrequest.h). Options:
 *
 *     wait="yes"    the page waits until it is done
 *     set="name"    it is not shown: the variable gets its body (the page waits for it)
 *     stub="name"   when it fails or is empty, that block is shown instead
 */
#ifndef SSI_INCLUDE_H
#define SSI_INCLUDE_H

#include "modules/ssi/ssi_page.h"

int ssi_include_run(struct ssi_page *p, const struct ssi_command *command);

/* For the filter, which all requests pass: is r an included part? */
void ssi_include_sees_head(struct request *r);
bool ssi_include_takes_body(struct request *r, const struct chain *in); /* false: drop it */

#endif
