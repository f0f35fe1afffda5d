/*
 * ring.h - io_uring through its system calls. Two rings lie in memory that the process shares
 * with the kernel. The process writes what the kernel shall do into one of them, and reads what
 * the kernel has done from the other.
 *
 *   ring_ask  ------> [ | |a|b|c| ]  submissions  ------> the kernel
 *   ring_take <------ [ |a|c| | | ]  completions  <------ the kernel
 *
 * Between its submission and its completion, a request's buffer belongs to the kernel: do not
 * touch it, and do not free it.
 */
#pragma once

#include <linux/io_uring.h>
#include <stdbool.h>

/* Dies where the kernel, or a sandbox around us, does not allow it. */
void ring_open(void);
void ring_close(void);

/* An empty request to fill in. The kernel reads it in the next ring_wait, or earlier when the
 * ring is full. Its user_data comes back with the completion. */
struct io_uring_sqe *ring_ask(void);

/* Submits what was asked. Then waits for a completion, or for the end of that many MILLISECONDS
 * (-1: no end). */
void ring_wait(int milliseconds);

/* The oldest completion that was not taken yet, or false. */
bool ring_take(struct io_uring_cqe *done);
