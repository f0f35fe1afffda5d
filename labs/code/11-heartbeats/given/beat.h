/*
 * beat.h - yours to write: is the other end alive? No clock and no socket in here: the time, in
 * ms, is an argument and never goes back.
 *
 *   silence   the time since the last packet, or since beat_begin; our own pauses do not count
 *   period    how often the other end wants to send something; rules->most before beat_hello
 *   limit     period * missed: a silence of this length, and the other end is given up
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct beat; /* own.h */

struct beat_rules {
	int64_t least, most; /* of a period */
	int missed;
	int probe_percent; /* of the limit: a silence of this length, and we ask */
	int rate, burst;   /* packets a second; packets at once */
};

enum beat_verdict { BEAT_ALIVE, BEAT_PROBE, BEAT_SILENT, BEAT_FLOOD };
enum packet { PACKET_HELLO, PACKET_PING, PACKET_PONG, PACKET_SAY };

/* RULES stays where it is as long as B is used. */
void beat_begin(struct beat *b, const struct beat_rules *rules, int64_t now);

/* After beat_packet of the hello. Returns the period that is granted, and from now on is used.
 */
int64_t beat_hello(struct beat *b, int64_t wanted_ms);

/* BEAT_ALIVE or BEAT_FLOOD. A pong carries the number of the probe that it answers. */
enum beat_verdict beat_packet(struct beat *b, int64_t now, enum packet kind, uint64_t number);

/* BEAT_ALIVE, BEAT_SILENT, or BEAT_PROBE: then send a probe with the number beat_number. */
enum beat_verdict beat_due(struct beat *b, int64_t now);
uint64_t
beat_number(const struct beat *b); /* of the newest probe: 1, 2, ...; 0: there was none */

/* After beat_begin, beat_hello, beat_paused and beat_due: when to call beat_due. */
int64_t beat_next(const struct beat *b);

/* The round trip in ms, smoothed: (7 * old + new) / 8, the first one as it is; -1: not known.
 */
int64_t beat_rtt(const struct beat *b);

/* From FROM to TO we did nothing: this silence is ours. A probe that was on its way measures
 * nothing. */
void beat_paused(struct beat *b, int64_t from, int64_t to);
