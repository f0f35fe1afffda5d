/*
 * frame: writes packets as bytes, and finds the packets in received bytes.
 *
 *      0              2              4                             8
 *     +--------------+--------------+-----------------------------+------ - - ---+
 *     |    length    |   command    |     CRC-32 of the body      |     body     |
 *     +--------------+--------------+-----------------------------+------ - - ---+
 *          16 bits        16 bits               32 bits             length - 8
 *
 * All numbers are in network byte order. The length includes the head of 8 bytes. So a packet
 * without a body has the length 8, and its CRC is 0.
 *
 *   command          sent by   what the other side does
 *   0  ping          client    sends the same packet back; a client may put a number and
 *                              a time into the body
 *   1  probe         server    sends the same packet back; a client that sends no other packets
 *                              must answer this packet, or the server drops the client
 *   2  echo          client    the same packet back
 *   3  say           client    sends the packet to all clients, also to the sender
 *   4  bye           server    no answer: the body says why the server closes the connection
 *
 * TCP delivers bytes, not packets: one read may return a third of a packet, or three packets
 * and a half. So the bytes go through a state machine that can stop after any byte:
 *
 *             8 bytes                     the whole body
 *     HEAD -------------> BODY ------------------------------> a packet; HEAD
 *       |                   |
 *       | length < 8        | the CRC is wrong
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

/* The state of one connection. At first all members are zero. Memory is allocated only for a
 * body that arrives in several pieces. */
struct framing {
	char head[FRAME_HEAD];
	char *body; /* the memory for body_size bytes; NULL if no body has needed memory */
	/* if head_len is FRAME_HEAD, the state is BODY */
	uint32_t head_len, body_len, body_size;
};

enum frame_result {
	FRAME_WHOLE,
	FRAME_MORE, /* all input was taken, but the packet is not complete */
	FRAME_SHORT,
	FRAME_LONG,
	FRAME_WRONG_CRC,
	FRAME_NO_MEMORY,
};

/*
 * Takes bytes from *at and moves *at forward. packet->body points into the input or into memory
 * of `f`, and is valid until the next call. If the result is not FRAME_WHOLE or FRAME_MORE, do
 * not call frame_next again.
 */
enum frame_result frame_next(struct framing *f, uint32_t max, const char **at, const char *end,
			     struct frame *packet);
void framing_fini(struct framing *f);

/* Appends a packet. The buffer must have room for FRAME_HEAD and the body. */
char *put_frame(char *to, uint16_t command, struct str body);

#endif
