/*
 * warm: with `aio threads`, a small file that the kernel does not have in memory is read by a
 * thread before its handler goes on, and from then on its bytes are kept, as for a file that
 * was in memory when it was opened.
 *
 *     serve -> open_file_get: cold -> warm_begin -> PHASE_WAIT ... phase_run -> serve
 *
 * So the filters never wait for the bytes.
 */
#ifndef HTTP_WARM_H
#define HTTP_WARM_H

#include "http/file/open_file.h"

/*
 * True: a thread reads the file; the handler returns PHASE_WAIT, and is called again. False:
 * that is not needed, or not possible: go on without it.
 */
bool warm_begin(struct request *r, struct open_file *f);

#endif
