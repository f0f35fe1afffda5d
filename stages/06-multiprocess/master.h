/*
 * master.h - one process that owns the listening socket and serves nobody, and workers that
 * serve and own nothing that would be missed.
 *
 *   master: SIGTERM, SIGINT   the workers stop at once, and so do we
 *           SIGQUIT           the workers finish the answers they have begun, then we stop
 *           SIGCHLD           a worker has died: another takes its place
 *   worker: SIGTERM, SIGQUIT  as above, for this one alone
 */
#pragma once

enum { MOST_WORKERS = 256 };

/* Runs COUNT workers on the listening socket; returns in the master and in every worker, when
 * its time has come. */
void master_run(int listener, int count);
