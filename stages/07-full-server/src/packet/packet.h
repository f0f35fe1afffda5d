/*
 * packet: the settings of a `packet {}` block, and the counters of this process.
 *
 *     packet {
 *         listen              127.0.0.1:7777;   # with the options of http's listen
 *         heartbeat_interval  20s;    # a client should ping this often; any packet counts
 *         heartbeat_missed    3;      # after this number of missed pings the client is dropped
 *         packet_max          32k;    # 8 to 65535 bytes, with its head
 *         packet_rate         100;    # packets per second from one client; twice as many at once
 *         packet_unsent       256k;   # a client with more unsent bytes than this is dropped
 *     }
 *
 * A worker that is about to exit (after a reload, an upgrade or a quit) sends a bye packet to
 * its clients. It answers for one more second, then it closes the remaining connections.
 * Clients that connect again are accepted by a new worker.
 */
#ifndef PACKET_PACKET_H
#define PACKET_PACKET_H

#include <stdint.h>

struct packet_settings {
	int64_t heartbeat_interval, heartbeat_missed;
	int64_t packet_max, packet_rate, packet_unsent;
};

/* How a connection ends. */
enum guest_end {
	GUEST_STAYS,  /* the connection has not ended */
	GUEST_LEFT,   /* the client has closed the connection */
	GUEST_LOST,   /* an error on the connection */
	GUEST_SILENT, /* the client has sent no packets for too long */
	GUEST_DEAF,   /* the client does not read what the server sends */
	GUEST_FLOOD,  /* the client has sent too many packets per second */
	GUEST_SHORT,  /* a packet shorter than its head */
	GUEST_LONG,   /* a packet longer than packet_max */
	GUEST_WRONG_CRC,
	GUEST_UNKNOWN_COMMAND,
	GUEST_NO_MEMORY,
	GUEST_DISMISSED, /* this process is about to exit */
	GUEST_ENDS
};

struct packet_stats {
	uint64_t connections; /* connections that exist now */
	uint64_t accepted, packets, probes;
	uint64_t ended[GUEST_ENDS];
};

extern struct packet_stats packet_stats;

#endif
