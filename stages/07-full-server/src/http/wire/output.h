/*
 * output: from the last filter to the socket, in as few system calls as possible.
 *
 * Small pieces are gathered in one buffer that all connections share. It belongs to one client
 * while client_run works on it, and is sent when client_run ends: the answers to pipelined
 * requests are sent in one write. Their requests are freed by then; what the socket does not
 * take is copied to the client's `unsent`.
 *
 * Large memory and files are sent from where they are, after the gathered bytes.
 */
#ifndef HTTP_OUTPUT_H
#define HTTP_OUTPUT_H

#include "http/client/client.h"

enum { GATHER_SIZE = 65536, GATHER_PIECE = 4096 };

/* Room to write into directly; NULL: none now, make a buf. Afterwards call output_commit
 * with the bytes used. */
char *output_reserve(struct client *c, size_t size);
void output_commit(struct client *c, size_t used);

/* Sends r->pending as far as possible. */
enum send_result output_send(struct request *r);

/* Sends the gathered bytes now. */
enum send_result output_flush(struct client *c);
enum send_result output_unsent(struct client *c); /* after "writable" */

/* The response is complete: sends what tcp_nopush holds back. */
void output_uncork(struct client *c);

void output_forget(struct client *c); /* it is lost */

#endif
