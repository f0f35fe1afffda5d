/* beat.c - two deadlines that each packet moves, and the time at which the credit will be full.
 */
#include "beat.h"

#include "own.h"

static void move_deadlines(struct beat *b, int64_t since)
{
	int64_t limit = b->period * b->rules->missed;

	b->since = since;
	b->dead_at = since + limit;
	if (b->probe_at != INT64_MAX)
		b->probe_at = since + limit * b->rules->probe_percent / 100;
}

void beat_begin(struct beat *b, const struct beat_rules *rules, int64_t now)
{
	*b = (struct beat){.rules = rules, .period = rules->most, .rtt = -1};
	b->full_at = now * rules->rate;
	move_deadlines(b, now);
}

int64_t beat_hello(struct beat *b, int64_t wanted_ms)
{
	const struct beat_rules *r = b->rules;

	b->period = wanted_ms < r->least ? r->least : wanted_ms > r->most ? r->most : wanted_ms;
	move_deadlines(b, b->since);
	return b->period;
}

static bool fits(struct beat *b, int64_t now)
{
	int64_t clock = now * b->rules->rate;

	if (b->full_at < clock)
		b->full_at = clock;
	if (b->full_at + 1000 - clock > b->rules->burst * 1000LL)
		return false;
	b->full_at += 1000;
	return true;
}

enum beat_verdict beat_packet(struct beat *b, int64_t now, enum packet kind, uint64_t number)
{
	b->probe_at = 0;
	move_deadlines(b, now);
	if (kind == PACKET_PONG && b->open && b->open == number) {
		int64_t ms = now - b->sent_at;

		b->rtt = b->rtt == -1 ? ms : (b->rtt * 7 + ms) / 8;
		b->open = 0;
	}
	if (fits(b, now))
		return BEAT_ALIVE;
	return BEAT_FLOOD;
}

enum beat_verdict beat_due(struct beat *b, int64_t now)
{
	if (now >= b->dead_at)
		return BEAT_SILENT;
	if (now < b->probe_at)
		return BEAT_ALIVE;
	b->probe_at = INT64_MAX;
	b->open = ++b->newest;
	b->sent_at = now;
	return BEAT_PROBE;
}

uint64_t beat_number(const struct beat *b)
{
	return b->newest;
}

int64_t beat_next(const struct beat *b)
{
	return b->probe_at < b->dead_at ? b->probe_at : b->dead_at;
}

int64_t beat_rtt(const struct beat *b)
{
	return b->rtt;
}

void beat_paused(struct beat *b, int64_t from, int64_t to)
{
	int64_t begins = from > b->since ? from : b->since;

	if (to <= begins)
		return;
	move_deadlines(b, b->since + to - begins);
	b->open = 0;
}
