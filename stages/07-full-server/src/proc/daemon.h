/*
 * daemon: leaving the terminal, but not before all is well. Whoever started us
 * waits until we serve, and its exit status says whether we do; until then what
 * goes wrong is said on its terminal.
 */
#ifndef PROC_DAEMON_H
#define PROC_DAEMON_H

/* Goes on in a new process, in a session of its own; -1: errno. */
int daemon_begin(void);

/* We serve: the terminal is given back. */
void daemon_done(void);

#endif
