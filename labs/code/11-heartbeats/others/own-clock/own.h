#pragma once

#include "beat.h"

/* The other end has a clock of its own, which stands still while we pause. */
struct beat {
	const struct beat_rules *rules;
	int64_t stood; /* how long it stood still in all */
	int64_t heard; /* on that clock */
	int64_t period, due, smoothed;
	struct {
		uint64_t number;
		int64_t at; /* -1: its answer is no measure */
		int64_t
		    silence; /* of which packet: `heard`, -1 when there was a packet since */
	} probe;
	int64_t tokens, fraction, tokens_at;
};
