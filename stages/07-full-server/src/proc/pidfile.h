/*
 * pidfile: the file that tells others whom to send signals to. It appears once
 * the sockets listen.
 */
#ifndef PROC_PIDFILE_H
#define PROC_PIDFILE_H

#include "base/str.h"

int pidfile_write(struct str path); /* -1: errno says why */
int pidfile_read(const char *path); /* a process number; 0: there is none */
void pidfile_remove(struct str path);

/* PATH becomes PATH.oldbin while a new binary tries itself, and PATH again if it fails. */
int pidfile_set_aside(struct str path);
int pidfile_take_back(struct str path);

#endif
