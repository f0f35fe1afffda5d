/*
 * daemon: makes the server independent of the terminal, but only after the server has started
 * successfully. The process that was started from the terminal waits until the server serves.
 * Its exit status tells whether the start was successful. Until then the server writes errors
 * to the terminal.
 */
#ifndef PROC_DAEMON_H
#define PROC_DAEMON_H

/* Continues in a new process with its own session. Returns -1 and sets errno on failure. */
int daemon_begin(void);

/* Call it when the server serves. Then the waiting process exits with status 0, and the shell
 * in the terminal continues. */
void daemon_done(void);

#endif
