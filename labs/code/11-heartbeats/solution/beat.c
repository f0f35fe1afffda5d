/* beat.c - yours: is the other end alive? */
#include "beat.h"

#include "own.h"

/* LAB-BEGIN 2: the limits, the credit (about 25 lines) */
enum { COST = 1000 }; /* of credit */

static int64_t limit(const struct beat *b)
{
	return b->period * b->rules->missed;
}

static int64_t patience(const struct beat *b)
{
	return limit(b) * b->rules->probe_percent / 100;
}

/* RATE packets in 1000 ms are RATE thousandths of a packet in 1 ms. */
static bool pays(struct beat *b, int64_t now)
{
	int64_t most = (int64_t)b->rules->burst * COST;

	b->credit += (now - b->counted) * b->rules->rate;
	b->counted = now;
	if (b->credit > most)
		b->credit = most;
	if (b->credit < COST)
		return false;
	b->credit -= COST;
	return true;
}

static void measure(struct beat *b, int64_t ms)
{
	b->rtt = b->rtt < 0 ? ms : (7 * b->rtt + ms) / 8;
	b->measures = false;
}
/* LAB-ELSE
LAB-END */

void beat_begin(struct beat *b, const struct beat_rules *rules, int64_t now)
{
	/* LAB-BEGIN 3: alive, and with all its credit (about 8 lines) */
	*b = (struct beat){
	    .rules = rules,
	    .period = rules->most,
	    .last = now,
	    .rtt = -1,
	    .credit = (int64_t)rules->burst * COST,
	    .counted = now,
	};
	/* LAB-ELSE
	(void)b, (void)rules, (void)now;
	LAB-END */
}

int64_t beat_hello(struct beat *b, int64_t wanted_ms)
{
	/* LAB-BEGIN 4: not too often, not too seldom (about 5 lines) */
	b->period = wanted_ms;
	if (b->period < b->rules->least)
		b->period = b->rules->least;
	if (b->period > b->rules->most)
		b->period = b->rules->most;
	return b->period;
	/* LAB-ELSE
	(void)b, (void)wanted_ms;
	return -1;
	LAB-END */
}

enum beat_verdict beat_packet(struct beat *b, int64_t now, enum packet kind, uint64_t number)
{
	/* LAB-BEGIN 5: a sign of life, perhaps a measure, perhaps one too many (6 lines) */
	b->last = now;
	b->asked = false;
	if (kind == PACKET_PONG && b->measures && number == b->number)
		measure(b, now - b->asked_at);
	return pays(b, now) ? BEAT_ALIVE : BEAT_FLOOD;
	/* LAB-ELSE
	(void)b, (void)now, (void)kind, (void)number;
	return BEAT_ALIVE;
	LAB-END */
}

enum beat_verdict beat_due(struct beat *b, int64_t now)
{
	/* LAB-BEGIN 6: how long is the silence? (about 12 lines) */
	int64_t silence = now - b->last;

	if (silence >= limit(b))
		return BEAT_SILENT;
	if (b->asked || silence < patience(b))
		return BEAT_ALIVE;
	b->asked = b->measures = true;
	b->asked_at = now;
	b->number++;
	return BEAT_PROBE;
	/* LAB-ELSE
	(void)b, (void)now;
	return BEAT_ALIVE;
	LAB-END */
}

uint64_t beat_number(const struct beat *b)
{
	/* LAB-BEGIN 7: (1 line) */
	return b->number;
	/* LAB-ELSE
	(void)b;
	return 0;
	LAB-END */
}

int64_t beat_next(const struct beat *b)
{
	/* LAB-BEGIN 8: the rest of the silence (1 line) */
	return b->last + (b->asked ? limit(b) : patience(b));
	/* LAB-ELSE
	(void)b;
	return 0;
	LAB-END */
}

int64_t beat_rtt(const struct beat *b)
{
	/* LAB-BEGIN 9: (1 line) */
	return b->rtt;
	/* LAB-ELSE
	(void)b;
	return -1;
	LAB-END */
}

void beat_paused(struct beat *b, int64_t from, int64_t to)
{
	/* LAB-BEGIN 10: this silence is ours (about 5 lines) */
	if (from < b->last)
		from = b->last;
	if (from >= to)
		return;
	b->last += to - from;
	b->measures = false;
	/* LAB-ELSE
	(void)b, (void)from, (void)to;
	LAB-END */
}
