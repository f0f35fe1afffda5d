/*
 * path: maps a URI to the path of a file.
 */
#ifndef HTTP_PATH_H
#define HTTP_PATH_H

#include "http/request/request.h"

/*
 * Maps the URI of the request to a path, with root or alias, and sets *path. The memory behind
 * the path has room for `extra` bytes and a NUL. Returns -1 if the URI leads out of the root,
 * or if there is no memory.
 */
int request_map_path(struct request *r, size_t extra, struct str *path);

#endif
