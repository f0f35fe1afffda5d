/*
 * pidfile: a file with the pid of the process that receives the signals. The file is written as
 * soon as the sockets listen.
 *
 * A pid in a file proves nothing: the process may have ended, and the kernel may have given the
 * same pid to another process. So the server that writes the file also locks one byte of the
 * file, as long as the server runs. The offset of this byte is the pid of the server. `-s` asks
 * the kernel which process holds this lock. For a while two servers may use the same file: an
 * old server that finishes its downloads, and a new server. The pid in the file tells which of
 * them receives the signals.
 */
#ifndef PROC_PIDFILE_H
#define PROC_PIDFILE_H

#include <stdbool.h>

#include "base/str.h"

int pidfile_write(struct str path); /* returns -1 and sets errno on failure */
/* Returns the pid in the file, or 0 if the file does not contain exactly one pid. */
int pidfile_read(const char *path);
/* Returns true if the process `pid` has written this file and still runs. */
bool pidfile_is_held(const char *path, int pid);
void pidfile_remove(struct str path);
void pidfile_drop(void); /* call it in a worker, because the file belongs to the master */

/* While a new binary starts, the file has the name PATH.oldbin. If the new binary fails,
 * pidfile_take_back gives the file its old name again. */
int pidfile_set_aside(struct str path);
int pidfile_take_back(struct str path);

#endif
