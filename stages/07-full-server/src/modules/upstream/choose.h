/*
 * choose: which server is next. Pure functions: they look at the servers, their states and the
 * time that they are given, and change only the states.
 */
#ifndef UPSTREAM_CHOOSE_H
#define UPSTREAM_CHOOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "base/str.h"
#include "io/address.h"

struct server {
	/* the configuration */
	struct str name; /* "127.0.0.1:80", "unix:/path" */
	struct address address;
	uint32_t weight;
	uint32_t max_fails;   /* 0: failures are not counted */
	int64_t fail_timeout; /* ms */
	uint32_t max_conns;   /* 0: no limit */
	bool backup, down;

	/* the connections of this process */
	uint32_t busy;    /* used, or being made */
	struct list idle; /* struct link, the newest first */
};

struct server_state {
	int64_t current, effective; /* smooth weighted round robin */
	int64_t accessed;           /* the last failure */
	int64_t checked;            /* the last failure, or the last try after it */
	uint32_t fails, conns;
};

struct choice {
	struct server *servers;
	struct server_state *states;
	uint32_t from, to; /* the servers to choose from */
	uint32_t count;    /* of all */
	uint32_t pool_max;
	const uint64_t *tried; /* a bit for each server */
	int64_t now;
};

enum { NO_SERVER = -1 };

enum fitness {
	FIT,
	FULL,  /* it will be, when a connection is free */
	UNFIT, /* down, has failed, was tried */
};

enum fitness choose_fitness(const struct choice *c, uint32_t i);

int choose_round_robin(const struct choice *c);

/* What a request says about its server. */
void server_succeeded(struct server_state *s);
void server_failed(const struct server *server, struct server_state *s, int64_t now);

#endif
