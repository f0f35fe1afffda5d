/*
 * warm: with `aio threads`, a thread reads a small file that is not in the page cache, before
 * the handler goes on. From then on the bytes of the file are kept, as for a file that was in
 * the page cache when it was opened.
 *
 *     serve -> open_file_get: cold -> warm_begin -> PHASE_WAIT ... phase_run -> serve
 *
 * So the filters never have to wait for the bytes.
 */
#ifndef HTTP_WARM_H
#define HTTP_WARM_H

#include "http/file/open_file.h"

/*
 * Returns true if a thread reads the file: then the handler returns PHASE_WAIT, and is called
 * again later. Returns false if this is not needed or not possible: then the handler goes on.
 */
bool warm_begin(struct request *r, struct open_file *f);

#endif
