/* beat.c - a clock that stands still while we pause; whole packets of credit and a fraction. */
#include "beat.h"

#include "own.h"

static int64_t share(const struct beat *b, int percent)
{
	return b->period * b->rules->missed * percent / 100;
}

static void plan(struct beat *b)
{
	bool asked = b->probe.silence == b->heard;

	b->due = b->heard + b->stood + share(b, asked ? 100 : b->rules->probe_percent);
}

void beat_begin(struct beat *b, const struct beat_rules *rules, int64_t now)
{
	b->rules = rules;
	b->stood = 0;
	b->heard = b->tokens_at = now;
	b->period = rules->most;
	b->smoothed = -1;
	b->probe.number = 0;
	b->probe.at = b->probe.silence = -1;
	b->tokens = rules->burst;
	b->fraction = 0;
	plan(b);
}

int64_t beat_hello(struct beat *b, int64_t wanted_ms)
{
	b->period = wanted_ms;
	if (wanted_ms > b->rules->most)
		b->period = b->rules->most;
	else if (wanted_ms < b->rules->least)
		b->period = b->rules->least;
	plan(b);
	return b->period;
}

enum beat_verdict beat_packet(struct beat *b, int64_t now, enum packet kind, uint64_t number)
{
	b->heard = now - b->stood;
	b->probe.silence = -1;
	if (kind == PACKET_PONG && b->probe.at >= 0 && b->probe.number == number) {
		int64_t trip = now - b->probe.at;

		b->smoothed = b->smoothed < 0 ? trip : (7 * b->smoothed + trip) / 8;
		b->probe.at = -1;
	}
	b->fraction += (now - b->tokens_at) * b->rules->rate;
	b->tokens += b->fraction / 1000;
	b->fraction %= 1000;
	b->tokens_at = now;
	if (b->tokens >= b->rules->burst) {
		b->tokens = b->rules->burst;
		b->fraction = 0;
	}
	if (b->tokens == 0)
		return BEAT_FLOOD;
	b->tokens--;
	return BEAT_ALIVE;
}

enum beat_verdict beat_due(struct beat *b, int64_t now)
{
	int64_t silence = now - b->stood - b->heard;
	enum beat_verdict verdict = BEAT_ALIVE;

	if (silence >= share(b, 100)) {
		verdict = BEAT_SILENT;
	} else if (silence >= share(b, b->rules->probe_percent) &&
		   b->probe.silence != b->heard) {
		b->probe.number++;
		b->probe.at = now;
		b->probe.silence = b->heard;
		verdict = BEAT_PROBE;
	}
	plan(b);
	return verdict;
}

uint64_t beat_number(const struct beat *b)
{
	return b->probe.number;
}

int64_t beat_next(const struct beat *b)
{
	return b->due;
}

int64_t beat_rtt(const struct beat *b)
{
	return b->smoothed;
}

void beat_paused(struct beat *b, int64_t from, int64_t to)
{
	int64_t heard = b->heard + b->stood, begins = heard > from ? heard : from;

	if (begins < to) {
		b->stood += to - begins;
		b->probe.at = -1;
	}
	plan(b);
}
