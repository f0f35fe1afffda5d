/*
 * warm: with `aio threads`, a small file that the kernel does not have in memory
 * is read by a thread before its handler goes on, and is kept with its bytes
 * from then on, like one that was in memory when it was opened.
 *
 *     serve -> open_file_get: cold -> warm_begin -> PHASE_WAIT ... phase_run -> serve
 *
 * Whatever the filters do with the bytes, they need not wait for them.
 */
#ifndef HTTP_WARM_H
#define HTTP_WARM_H

#include "http/file/open_file.h"

/*
 * True: a thread reads it; the handler returns PHASE_WAIT and is called again.
 * False: no need, or no way: go on with what there is.
 */
bool warm_begin(struct request *r, struct open_file *f);

#endif
