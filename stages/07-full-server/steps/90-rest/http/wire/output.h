/*
 * output: from the chain of an answer to the socket, in as few system calls as possible.
 *
 * Memory is gathered in one buffer that all connections share. It belongs to one client while
 * client_run works on it, and is sent before client_run ends: the answers to pipelined
 * requests are sent in one write. Their requests are freed by then; what the socket does not
 * take is copied to the client's `unsent`.
 *
 * Files are sent from where they are, after the gathered bytes.
 *
 * IO_AGAIN: an event will say when to go on. IO_ERROR: the connection is lost.
 */
#ifndef HTTP_OUTPUT_H
#define HTTP_OUTPUT_H

#include "io/buf.h"
#include "io/net.h"

struct client;

/* What the socket did not take. */
struct unsent {
	size_t at, len;
	char bytes[];
};

/* Takes the memory at the front of *chain. */
enum io_result output_gather(struct client *c, struct chain **chain);

/* The gathered bytes, then at most `share` bytes of the file at the front of *chain. */
enum io_result output_file(struct client *c, struct chain **chain, off_t share);

/* Sends the gathered bytes now. */
enum io_result output_flush(struct client *c);
enum io_result output_resume(struct client *c); /* after "writable" */

void output_forget(struct client *c); /* it is lost */

#endif
