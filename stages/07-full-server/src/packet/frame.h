/*
 * frame: packets on the wire, and out of it.
 *
 *      0              2              4                             8
 *     +--------------+--------------+-----------------------------+------ - - ---+
 *     |    length    |   command    |     CRC-32 of the body      |     body     |
 *     +--------------+--------------+-----------------------------+------ - - ---+
 *          16 bits        16 bits               32 bits             length - 8
 *
 * All numbers in network byte order. The length counts its own head: 8 is a
 * packet without a body, whose CRC is 0.
 *
 *   command          sent by   what the other side does
 *   0  ping          client    the same packet back: put a number and a time into the body
 *   1  probe         server    the same packet back: a client that sends nothing else has to
 *                              answer this, or it is dropped
 *   2  echo          client    the same packet back
 *   3  say           client    all clients get it, also the sender
 *   4  bye           server    nothing: the body says why this connection ends
 *
 * TCP delivers bytes and not packets: a read may bring a third of one, or three and a half. So
 * the bytes go through a state machine that can stop after any byte:
 *
 *             8 bytes                     the whole body
 *     HEAD -------------> BODY ------------------------------> a packet; HEAD
 *       |                   |
 *       | length < 8        | the CRC is another
 *       | length > max      |
 *       `----> FRAME_*  <---'     the start of the next packet is not known:
 *                                 the connection cannot be used any more
 */
#ifndef PACKET_FRAME_H
#define PACKET_FRAME_H

#include "base/str.h"

enum { FRAME_HEAD = 8, FRAME_MOST = 65535 };

enum command { COMMAND_PING, COMMAND_PROBE, COMMAND_ECHO, COMMAND_SAY, COMMAND_BYE };

struct frame {
	uint16_t command;
	struct str body;
};

/* The state of one connection; all zeros at first. Only a body in several pieces needs
 * memory. */
struct framing {
	char head[FRAME_HEAD];
	char *body; /* body_size bytes; NULL: every body so far came in one piece */
	uint32_t head_len, body_len, body_size; /* head_len == FRAME_HEAD: the state is BODY */
};

enum frame_result {
	FRAME_WHOLE,
	FRAME_MORE, /* all input was taken, and the packet is not complete */
	FRAME_SHORT,
	FRAME_LONG,
	FRAME_WRONG_CRC,
	FRAME_NO_MEMORY,
};

/*
 * Takes bytes from *at and moves it forward. The body of a packet is in the input or in `f`; it
 * is valid until the next call. After any result but FRAME_WHOLE and FRAME_MORE, do not call it
 * again.
 */
enum frame_result frame_next(struct framing *f, uint32_t max, const char **at, const char *end,
			     struct frame *packet);
void framing_fini(struct framing *f);

/* Appends a packet. The buffer must have room for FRAME_HEAD and the body. */
char *put_frame(char *to, uint16_t command, struct str body);

#endif
