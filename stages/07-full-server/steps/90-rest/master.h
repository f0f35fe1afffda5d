/*
 * master.h - one process, the master, opens the listening socket and serves no client. It
 * starts workers, which serve the clients. A worker that crashes takes only its own clients
 * with it.
 *
 *   master: SIGTERM, SIGINT   the workers stop at once, then the master
 *           SIGQUIT           the workers finish their answers, then the master stops
 *           SIGHUP            new workers serve the folder that ROOT names now, the old
 *                             ones finish their answers
 *           SIGUSR1           the log is opened again, if it is a file
 *           SIGCHLD           a worker has ended: the master starts another
 *           SIGIO             a worker has said that it serves
 *   worker: SIGTERM, SIGQUIT  as above, for this one alone
 */
#pragma once

enum { MOST_WORKERS = 256 };

/* Takes over the listening socket and runs COUNT workers on it. Returns in every worker when it
 * has stopped, and in the master when all workers have. */
void master_run(int listener, int count);
