/*
 * output: sends the bytes of the last filter to the socket, with as few system calls as
 * possible.
 *
 * Small pieces are gathered in one buffer that all connections share. The buffer belongs to one
 * client while client_run works on this client, and it is sent when client_run ends. So the
 * answers to pipelined requests are sent with one write. If the socket does not take all bytes,
 * the rest is copied to the client's `unsent`, because the requests are freed already.
 *
 * Large memory and files are sent from where they are, after the gathered bytes.
 */
#ifndef HTTP_OUTPUT_H
#define HTTP_OUTPUT_H

#include "http/wire/client.h"

enum send_result {
	SEND_DONE,  /* all bytes are sent or copied */
	SEND_AGAIN, /* some bytes wait until the socket has room */
	SEND_ERROR, /* the connection is lost */
};

enum { GATHER_SIZE = 65536, GATHER_PIECE = 4096 };

/* Returns false if the buffer has no room. In this case put the bytes into a buf of the
 * chain. */
bool output_add(struct client *c, struct str bytes);

/* Returns memory of the buffer to write into. After writing, call output_commit with the number
 * of bytes used. If the result is NULL, use a buf of the chain. */
char *output_reserve(struct client *c, size_t size);
void output_commit(struct client *c, size_t used);

/* Sends the gathered bytes to the socket. */
enum send_result output_flush(struct client *c);
/* Call output_resume when the socket is writable again. */
enum send_result output_resume(struct client *c);

size_t output_gathered(const struct client *c);

/*
 * Sends the gathered bytes, then at most `limit` bytes of the chain. *sent is the number of
 * bytes of the chain that were sent. An error with errno 0 means that a file became shorter
 * while it was sent.
 */
enum send_result output_chain(struct client *c, struct chain **chain, off_t limit, off_t *sent);

void output_cork(struct client *c); /* from now on the kernel sends only full packets */
/* Call output_uncork when the response is complete. It makes the kernel send the bytes that
 * tcp_nopush holds back. */
void output_uncork(struct client *c);

void output_forget(struct client *c); /* drops the bytes of a client whose connection is lost */

#endif
