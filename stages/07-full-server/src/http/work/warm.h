/*
 * warm: with `aio threads`, a thread reads a small file that is not in the page cache. The
 * handler goes on when the thread has finished. The struct open_file then keeps the bytes, as
 * if they had been in the page cache.
 *
 *     serve -> open_file_get: cold -> warm_begin -> PHASE_WAIT ... phase_run -> serve
 *
 * So the filters never have to wait for the bytes.
 */
#ifndef HTTP_WARM_H
#define HTTP_WARM_H

#include "http/file/open_file.h"

/*
 * Returns true if a thread reads the file. In this case return PHASE_WAIT from the handler; the
 * handler is called again later. Returns false if no thread is needed, or if none can be used.
 */
bool warm_begin(struct request *r, struct open_file *f);

#endif
