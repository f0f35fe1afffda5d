/*
 * keepalive: decides if the connection stays open after a response. This file also has the
 * settings for closing a connection.
 */
#ifndef HTTP_KEEPALIVE_H
#define HTTP_KEEPALIVE_H

#include "http/request/request.h"

enum lingering { LINGERING_OFF, LINGERING_ON, LINGERING_ALWAYS };

struct keepalive_rules {
	/* `timeout` is in ms. `header` is the number of seconds that the line Keep-Alive shows;
	 * 0 means that there is no such line. */
	int64_t timeout, header;
	int64_t requests, time;
	int disable;   /* bits DISABLE_*, see keepalive.c */
	int lingering; /* enum lingering */
	int64_t lingering_time, lingering_timeout;
};

extern struct module keepalive_module;

static inline const struct keepalive_rules *keepalive_rules(const struct request *r)
{
	return request_section(r, LEVEL_LOCATION, &keepalive_module);
}

/* Returns true if the head of the request asks to keep the connection. */
bool keepalive_is_wanted(const struct request *r);

/* Returns true if the limits of the location allow to keep the connection. */
bool keepalive_is_allowed(const struct request *r);

/* Returns false for a status after which the server does not know where the next request
 * starts in the input. */
bool keepalive_survives(int status);

#endif
