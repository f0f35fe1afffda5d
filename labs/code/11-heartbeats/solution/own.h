/* own.h - yours: what is known of the other end. */
#pragma once

#include "beat.h"

struct beat {
	/* LAB-BEGIN 1: what is known of the other end (about 10 lines) */
	const struct beat_rules *rules;
	int64_t period, last; /* last: of the last packet, later by our own pauses */
	bool asked;           /* since the last packet */
	uint64_t number;      /* of the newest probe */
	int64_t asked_at;
	bool measures; /* the answer to the newest probe is a measure */
	int64_t rtt;
	int64_t credit, counted; /* in thousandths of a packet, up to the time `counted` */
				 /* LAB-ELSE
				 int unused;
				 LAB-END */
};
