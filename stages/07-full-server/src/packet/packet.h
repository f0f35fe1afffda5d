/*
 * packet: the settings of a `packet {}` block, and the counters of this process.
 *
 *     packet {
 *         listen              127.0.0.1:7777;   # with the options of http's listen
 *         heartbeat_interval  20s;    # a client should ping this often; any packet counts
 *         heartbeat_missed    3;      # after so many missed pings the client is dropped
 *         packet_max          32k;    # 8 to 65535 bytes, with its head
 *         packet_rate         100;    # packets a second from one client; twice as many at once
 *         packet_unsent       256k;   # a client with more unsent bytes does not read, and is dropped
 *     }
 *
 * A worker that leaves (reload, upgrade, quit) sends bye to its clients, answers for one more
 * second, and closes the remaining connections. Clients that connect again get a new worker.
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
	GUEST_STAYS,  /* it does not */
	GUEST_LEFT,   /* it has closed */
	GUEST_LOST,   /* an error on the connection */
	GUEST_SILENT, /* heartbeats missed */
	GUEST_DEAF,   /* does not read what we send */
	GUEST_FLOOD,  /* too many packets a second */
	GUEST_SHORT,  /* a packet shorter than its head */
	GUEST_LONG,   /* a packet longer than packet_max */
	GUEST_WRONG_CRC,
	GUEST_UNKNOWN_COMMAND,
	GUEST_NO_MEMORY,
	GUEST_DISMISSED, /* this process ends */
	GUEST_ENDS
};

struct packet_stats {
	uint64_t connections; /* now */
	uint64_t accepted, packets, probes;
	uint64_t ended[GUEST_ENDS];
};

extern struct packet_stats packet_stats;

#endif
