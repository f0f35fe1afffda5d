/*
 * slow: an answer that takes a long time, and names its client. "/slow?Ann": "for Ann, ...".
 *
 * It stands for all work that would make the loop wait. A thread does it, and the loop goes on
 * with other clients. It shows what happens to the answer if the client has left meanwhile, and
 * another one has its slot.
 */
#ifndef HTTP_SLOW_H
#define HTTP_SLOW_H

#include "client.h"

extern int slow_seconds; /* how long the work takes; 0: there is no /slow */

int slow_init(void);
void slow_fini(void); /* waits for the work that a thread has begun */

bool slow_is_asked(const struct request *r);

/* Gives the work to a thread. client_answer is called later, if the client is still there. -1:
 * too much is waiting. */
int slow_start(struct client *c);

#endif
