/* guests.c - yours: what the server does with its guests. */
#include "server.h"
#include "variant.h"

/* LAB-BEGIN 11: a timer that came so late that the whole process stood still (1 line) */
enum { LATE_MS = 50 };
/* LAB-ELSE
LAB-END */

void guest_came(struct guest *g, int64_t now)
{
	/* LAB-BEGIN 12: its beat, its first timer (2 lines) */
	beat_begin(&g->beat, &server_rules, now);
	guest_timer_at(g, beat_next(&g->beat));
	/* LAB-ELSE
	(void)g, (void)now;
	LAB-END */
}

/* LAB-BEGIN 13: a hello (about 8 lines) */
static void welcome(struct guest *g, int64_t wanted_ms)
{
	int64_t granted = beat_hello(&g->beat, wanted_ms);

	guest_say(g, WELCOME " %d %lld", g->number, (long long)granted);
	guest_timer_at(g, beat_next(&g->beat)); /* the new period may be shorter */
}
/* LAB-ELSE
LAB-END */

void guest_packet(struct guest *g, int64_t now, enum packet kind, uint64_t number,
		  const char *text)
{
	/* LAB-BEGIN 14: what each packet does (about 20 lines) */
	if (beat_packet(&g->beat, now, kind, number) == BEAT_FLOOD) {
		guest_drop(g, "flood");
		return;
	}
	switch (kind) {
	case PACKET_HELLO:
		welcome(g, (int64_t)number);
		break;
	case PACKET_PING:
		guest_say(g, "PONG %s", text);
		break;
	case PACKET_SAY:
		guests_say(g, SAID " %d %s", g->number, text);
		break;
	case PACKET_PONG:
		break;
	}
	/* LAB-ELSE
	(void)g, (void)now, (void)kind, (void)number, (void)text;
	LAB-END */
}

void guest_timer(struct guest *g, int64_t due, int64_t now)
{
	/* LAB-BEGIN 15: silent? look again before you drop (about 18 lines) */
	enum beat_verdict verdict;

	if (now - due > LATE_MS)
		beat_paused(&g->beat, due, now);
	verdict = beat_due(&g->beat, now);
	if (verdict == BEAT_SILENT && guest_read(g)) /* its packets were there, we were not */
		verdict = BEAT_ALIVE;
	if (verdict == BEAT_SILENT)
		guest_drop(g, "silent");
	if (g->dropped)
		return;
	if (verdict == BEAT_PROBE)
		guest_say(g, PROBE " %llu", (unsigned long long)beat_number(&g->beat));
	guest_timer_at(g, beat_next(&g->beat));
	/* LAB-ELSE
	(void)g, (void)due, (void)now;
	LAB-END */
}
