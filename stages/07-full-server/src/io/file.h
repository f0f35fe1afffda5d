/*
 * file: opens and reads files. Opening never waits, not even for a FIFO. fstat tells the caller
 * whether the file is a FIFO or a device, because a read of such a file could block.
 *
 * A read of an ordinary file blocks until the disk has delivered the bytes. file_read_cached
 * does not block: it returns only bytes that the kernel has in memory, which may be fewer than
 * n. It returns -1 with EAGAIN if the kernel has none of them in memory.
 */
#ifndef IO_FILE_H
#define IO_FILE_H

#include <sys/stat.h>
#include <sys/types.h>

#include "base/str.h"

/* Opens a file for reading. Returns the descriptor, or -1. */
int file_open(const char *path, struct stat *st);
int file_open_append(const char *path); /* For log files. Returns the descriptor, or -1. */
/* Reads n bytes, or fewer at the end of the file. */
ssize_t file_read_at(int fd, char *to, size_t n, off_t from);
ssize_t file_read_cached(int fd, char *to, size_t n, off_t from); /* never waits */
int file_write_all(int fd, const char *from, size_t n, off_t at); /* returns 0 or -1 */

/* From now on reads of this descriptor do not use the page cache (O_DIRECT). The functions of
 * this file still accept unaligned reads. */
int file_set_direct(int fd); /* returns -1 if the file system does not support this */

/*
 * Reads up to n bytes, beginning at `from`. *bytes points into memory that the next call
 * overwrites, so do not call this function in threads. At the end of the file *bytes is empty.
 * Returns -1 and sets errno on failure.
 */
int file_look_at(int fd, size_t n, off_t from, struct str *bytes);

/*
 * Reads a whole small file. The size and the times of the file are compared before and after.
 * Returns false if the file changed meanwhile, or if a read failed and errno is set.
 */
bool file_read_steady(int fd, char *to, const struct stat *before);

/* The same, but returns false if some of the bytes are not in the page cache. */
bool file_read_steady_cached(int fd, char *to, const struct stat *before);

bool file_same_version(const struct stat *a, const struct stat *b);

#endif
