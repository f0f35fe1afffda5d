/*
 * main.c - `beats PORT` is the server; `beats` alone is a puppet for beat.c, where the time is
 *what you say: build/beats, then begin 1000 packet 1500 ping due 9000
 */
#include "puppet.h"
#include "server.h"

#include <stdlib.h>
#include <string.h>

static struct beat beat;
static struct beat_rules rules;

static void begin(const struct words *w)
{
	rules = server_rules;
	if (w->count > 7)
		rules = (struct beat_rules){
		    .least = number_of(w, 2),
		    .most = number_of(w, 3),
		    .missed = (int)number_of(w, 4),
		    .probe_percent = (int)number_of(w, 5),
		    .rate = (int)number_of(w, 6),
		    .burst = (int)number_of(w, 7),
		};
	beat_begin(&beat, &rules, number_of(w, 1));
}

static void tell_verdict(enum beat_verdict v)
{
	static const char *const names[] = {"alive", "probe", "silent", "flood"};

	if (v == BEAT_PROBE)
		say("probe %llu", (unsigned long long)beat_number(&beat));
	else
		say("%s", names[v]);
}

static void hello(const struct words *w)
{
	say("%lld", (long long)beat_hello(&beat, number_of(w, 1)));
}

static void packet(const struct words *w)
{
	static const char *const names[] = {"hello", "ping", "pong", "say"};

	for (int i = 0; i < 4 && w->count > 2; i++)
		if (strcmp(w->word[2], names[i]) == 0)
			tell_verdict(beat_packet(&beat, number_of(w, 1), (enum packet)i,
						 (uint64_t)number_of(w, 3)));
}

static void due(const struct words *w)
{
	tell_verdict(beat_due(&beat, number_of(w, 1)));
}

static void next(const struct words *w)
{
	(void)w;
	say("%lld", (long long)beat_next(&beat));
}

static void rtt(const struct words *w)
{
	(void)w;
	say("%lld", (long long)beat_rtt(&beat));
}

static void paused(const struct words *w)
{
	beat_paused(&beat, number_of(w, 1), number_of(w, 2));
}

static const struct command commands[] = {
    {"begin", "begin NOW [LEAST MOST MISSED PERCENT RATE BURST]: beat_begin", begin},
    {"hello", "hello MS: beat_hello", hello},
    {"packet", "packet NOW hello|ping|pong|say [NUMBER]: beat_packet", packet},
    {"due", "due NOW: beat_due", due},
    {"next", "next: beat_next", next},
    {"rtt", "rtt: beat_rtt", rtt},
    {"paused", "paused FROM TO: beat_paused", paused},
    {NULL, NULL, NULL},
};

int main(int argc, char **argv)
{
	if (argc > 1)
		return server_run(atoi(argv[1]));
	return puppet_run(commands);
}
