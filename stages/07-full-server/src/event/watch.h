/*
 * watch: reports at once when a file or a folder changes (inotify).
 *
 * The loop reads the notices as it reads sockets. A change made before a
 * request was sent is reported before that request, because epoll reports in
 * the order in which things became ready.
 *
 * Not reported by the kernel: writes through a shared mapping, and what other
 * hosts do on a network file system.
 */
#ifndef EVENT_WATCH_H
#define EVENT_WATCH_H

#include <stdint.h>

#include "base/str.h"

/*
 * `id`: what watch_add returned. `name`: the entry of a watched folder, or
 * empty. id -1: notices were lost, anything may have changed.
 */
int watch_init(void (*on_change)(int id, uint32_t what, struct str name));
void watch_fini(void);

/* `what`: IN_* bits. The same file always gets the same id. Returns -1: it cannot be
 * watched. */
int watch_add(const char *path, uint32_t what);
void watch_remove(int id);

#endif
