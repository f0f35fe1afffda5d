/*
 * client: one connection from a client, and its one request.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include "event/conn.h"
#include "http.h"

struct client {
	struct conn *conn;
	bool answering;
	size_t in_length, text_sent;
	struct response response;
	char in[8192];
};

void client_accept(struct conn *conn);
void clients_leave(void); /* quitting: those that have not asked */
bool clients_are_there(void);
void clients_drop(void); /* all, now */

#endif
