/*
 * ssi_command: what each command does to its page (see ssi_page.h).
 */
#ifndef SSI_COMMAND_H
#define SSI_COMMAND_H

#include "modules/ssi/ssi_page.h"

/* Returns 0, or -1 when the response cannot go on. */
int ssi_command_run(struct ssi_page *p, struct str text);

#endif
