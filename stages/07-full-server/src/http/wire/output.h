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

#include "http/wire/client.h"

enum send_result {
	SEND_DONE,  /* everything so far is sent, or copied */
	SEND_AGAIN, /* some bytes wait until the socket has room */
	SEND_ERROR, /* the connection is lost */
};

enum { GATHER_SIZE = 65536, GATHER_PIECE = 4096 };

/* False: there is no room now, make a buf. */
bool output_add(struct client *c, struct str bytes);

/* Returns memory to write into; NULL: there is none now, make a buf. Afterwards call
 * output_commit with the number of bytes used. */
char *output_reserve(struct client *c, size_t size);
void output_commit(struct client *c, size_t used);

/* Sends the gathered bytes now. */
enum send_result output_flush(struct client *c);
enum send_result output_resume(struct client *c); /* after "writable" */

size_t output_gathered(const struct client *c);

/* Sends the gathered bytes, then at most `limit` bytes of the chain. *sent: how many bytes of
 * the chain were sent. An error with errno 0: a file became shorter. */
enum send_result output_chain(struct client *c, struct chain **chain, off_t limit, off_t *sent);

void output_cork(struct client *c); /* full packets only */
/* Call it when the response is complete: it sends the bytes that tcp_nopush holds back. */
void output_uncork(struct client *c);

void output_forget(struct client *c); /* it is lost */

#endif
