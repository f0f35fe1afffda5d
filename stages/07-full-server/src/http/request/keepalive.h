/*
 * keepalive: decides whether the connection stays open after this response, and says how long
 * it may take to end.
 */
#ifndef HTTP_KEEPALIVE_H
#define HTTP_KEEPALIVE_H

#include "http/request/request.h"

enum lingering { LINGERING_OFF, LINGERING_ON, LINGERING_ALWAYS };

struct keepalive_rules {
	int64_t timeout, header; /* timeout: ms; header: seconds in Keep-Alive, 0: no such line */
	int64_t requests, time;
	int disable;   /* KEEPALIVE_DISABLE_* */
	int lingering; /* enum lingering */
	int64_t lingering_time, lingering_timeout;
};

extern struct module keepalive_module;

static inline const struct keepalive_rules *keepalive_rules(const struct request *r)
{
	return request_section(r, LEVEL_LOCATION, &keepalive_module);
}

/* What the client wants, by its head. */
bool keepalive_is_wanted(const struct request *r);

/* What the limits of the location allow. */
bool keepalive_is_allowed(const struct request *r);

/* After an answer with such a status the start of the next request in the input is not
 * certain. */
bool keepalive_survives(int status);

#endif
