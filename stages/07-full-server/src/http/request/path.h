/*
 * path: the file that a URI means.
 */
#ifndef HTTP_PATH_H
#define HTTP_PATH_H

#include "http/request/request.h"

/* The path to which root or alias maps the URI. It has room for `extra` bytes and a NUL behind
 * it. */
int request_map_path(struct request *r, size_t extra, struct str *path);

#endif
