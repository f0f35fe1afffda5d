/*
 * share.h - several processes hold together, for one may not have descriptors enough. They are
 * children of the one that was called, and each speaks to it as hold does to anybody; it passes
 * on what it reads, and says the sum of what they answer.
 */
#pragma once

/*
 * Returns in each of so many children: its number, from 0, with its part of *COUNT there. The
 * caller itself does not return; it ends after them, as a hold of all would have.
 */
int share_out(long processes, long *count);
