/* times.h - the two times of the command line, and the jump of the wall clock. */
#pragma once

extern int head_ms;  /* a client may take so long for its head */
extern int stall_ms; /* and so long without taking a byte of its answer */

/* At SIGUSR1, this program's wall clock jumps one hour forward, as if an administrator had set
 * it. */
void jump_init(void);
