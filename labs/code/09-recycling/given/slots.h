/*
 * slots.h - a table of connections that many threads use. A handle is generation << 32 | index.
 *
 *   FREE --slot_open--> OPEN --slot_close--> CLOSING --last slot_release--> PARKED --slots_tick--> FREE
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Given: what would be shutdown(fd, SHUT_RDWR) and close(fd). */
void io_shutdown(int fd);
void io_close(int fd);

/* COUNT free slots, at the time 0. A second call forgets all slots. -1: no memory. */
int slots_init(uint32_t count, int64_t park_ms);
uint64_t slot_open(int fd);	     /* a handle; 0: no slot is free */
int slot_acquire(uint64_t handle);   /* the descriptor, pinned until slot_release; -1: it is gone */
void slot_release(uint64_t handle);  /* the last one closes the descriptor and parks the slot */
bool slot_close(uint64_t handle);    /* shuts the descriptor down; true for exactly one caller */
uint32_t slots_tick(int64_t now_ms); /* slots parked for park_ms become free; how many */
