/*
 * pidfile: the file that names the process to send signals to. It appears once
 * the sockets listen.
 *
 * A number in a file proves nothing: its process may have ended, and the kernel has given the
 * number to another one. So the server that writes the file locks one byte of it, at the
 * offset of its own number, for as long as it lives. `-s` asks the kernel which process holds
 * that lock. Two servers may use one file for a while: an old one that finishes its downloads,
 * and the new one. The number in the file tells which of them is meant.
 */
#ifndef PROC_PIDFILE_H
#define PROC_PIDFILE_H

#include <stdbool.h>

#include "base/str.h"

int pidfile_write(struct str path); /* -1: errno says why */
/* the pid in the file; 0: the file has none, or more than one */
int pidfile_read(const char *path);
/* true: the process PID has written this file, and still runs */
bool pidfile_is_held(const char *path, int pid);
void pidfile_remove(struct str path);
void pidfile_drop(void); /* for a worker, because the file belongs to the master */

/* While a new binary starts, PATH has the name PATH.oldbin. If that binary fails, it gets its
 * name back. */
int pidfile_set_aside(struct str path);
int pidfile_take_back(struct str path);

#endif
