/*
 * watch: reports at once that a file or a folder has changed (inotify).
 *
 * inotify has a descriptor, and the loop reads it like a socket. A change that was made before
 * a client sent a request is reported before this request, because epoll reports descriptors in
 * the order in which they became ready.
 *
 * The kernel does not report writes through a shared mapping, and changes that other hosts make
 * on a network file system.
 */
#ifndef EVENT_WATCH_H
#define EVENT_WATCH_H

#include <stdint.h>

#include "base/str.h"

/*
 * `id` is the number that watch_add returned. `name` is the entry that changed in a watched
 * folder, or empty. If `id` is -1, the kernel has lost reports, and any file may have changed.
 */
int watch_init(void (*on_change)(int id, uint32_t what, struct str name));
void watch_fini(void);

/* `what` is a set of IN_* bits. Returns an id; the same file always gets the same id. Returns
 * -1 if the file cannot be watched. */
int watch_add(const char *path, uint32_t what);
void watch_remove(int id);

#endif
