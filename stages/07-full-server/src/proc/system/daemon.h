/*
 * daemon: leaves the terminal, but only after a good start. The process that was started from
 * the terminal waits until the server serves; its exit status tells whether it does. Until
 * then errors are written to the terminal.
 */
#ifndef PROC_DAEMON_H
#define PROC_DAEMON_H

/* Continues in a new process, in a session of its own. -1: errno says why not. */
int daemon_begin(void);

/* Call it when the server serves: the waiting process exits with 0, and the terminal is
 * free. */
void daemon_done(void);

#endif
