/*
 * ssi_command: executes the commands of a page (see ssi_page.h).
 */
#ifndef SSI_COMMAND_H
#define SSI_COMMAND_H

#include "modules/ssi/ssi_page.h"

/* Executes one command. Returns 0, or -1 when the response cannot continue. */
int ssi_command_run(struct ssi_page *p, struct str text);

#endif
