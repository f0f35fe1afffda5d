/* guests.c - reads first, always; and never drops a guest that was not asked. */
#include "server.h"
#include "variant.h"

void guest_came(struct guest *g, int64_t now)
{
	beat_begin(&g->beat, &server_rules, now);
	guest_timer_at(g, beat_next(&g->beat));
}

void guest_packet(struct guest *g, int64_t now, enum packet kind, uint64_t number,
		  const char *text)
{
	if (beat_packet(&g->beat, now, kind, number) == BEAT_FLOOD) {
		guest_drop(g, "flood");
	} else if (kind == PACKET_HELLO) {
		guest_say(g, "%s %d %lld", WELCOME, g->number,
			  (long long)beat_hello(&g->beat, (int64_t)number));
		guest_timer_at(g, beat_next(&g->beat));
	} else if (kind == PACKET_PING) {
		guest_say(g, "PONG %llu", (unsigned long long)number);
	} else if (kind == PACKET_SAY) {
		guests_say(g, "%s %d %s", SAID, g->number, text);
	}
}

void guest_timer(struct guest *g, int64_t due, int64_t now)
{
	enum beat_verdict v;

	guest_read(g);
	if (g->dropped)
		return;
	v = beat_due(&g->beat, now);
	if (v == BEAT_SILENT &&
	    g->beat.probe_at != INT64_MAX) { /* not asked: we came too late */
		beat_paused(&g->beat, due, now);
		v = beat_due(&g->beat, now);
	}
	if (v == BEAT_SILENT) {
		guest_drop(g, "silent");
		return;
	}
	if (v == BEAT_PROBE)
		guest_say(g, "%s %llu", PROBE, (unsigned long long)beat_number(&g->beat));
	guest_timer_at(g, beat_next(&g->beat));
}
