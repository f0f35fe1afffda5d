/*
 * output: from the last filter to the socket, in as few system calls as can be.
 *
 * Small pieces are gathered in one buffer that all connections share. It
 * belongs to one client for as long as client_run works on it, and is sent
 * when that is over: the answers to pipelined requests leave in one write. By
 * then the requests they came from are gone; what the socket does not take is
 * copied to the client's `unsent`.
 *
 * Large memory and files are sent from where they are, behind what is gathered.
 */
#ifndef HTTP_OUTPUT_H
#define HTTP_OUTPUT_H

#include "http/client/client.h"

enum { GATHER_SIZE = 65536, GATHER_PIECE = 4096 };

/* Room to write into directly; NULL: not now, make a buf. Then output_commit what was used. */
char *output_reserve(struct client *c, size_t size);
void output_commit(struct client *c, size_t used);

/* Sends r->pending as far as possible. */
enum send_result output_send(struct request *r);

/* What is gathered goes out now. */
enum send_result output_flush(struct client *c);
enum send_result output_unsent(struct client *c); /* after "writable" */

/* The response is over: what tcp_nopush holds back may go. */
void output_uncork(struct client *c);

void output_forget(struct client *c); /* it is lost */

#endif
