#pragma once

#include "beat.h"

struct beat {
	const struct beat_rules *rules;
	int64_t period, since;
	int64_t probe_at, dead_at; /* probe_at: INT64_MAX when the probe was sent */
	uint64_t newest, open;     /* open: the number whose answer is a measure; 0: none */
	int64_t sent_at, rtt;
	int64_t full_at; /* when the credit is full again, in thousandths of a packet */
};
