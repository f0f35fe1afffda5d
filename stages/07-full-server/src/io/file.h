/*
 * file: opens and reads files without waiting: fstat recognises a FIFO or a device, so that no
 * read blocks on it.
 *
 * A read of an ordinary file does block until the disk has delivered. file_read_cached does
 * not: it returns what the kernel has in memory, which may be less than was asked for; -1 with
 * EAGAIN: nothing.
 */
#ifndef IO_FILE_H
#define IO_FILE_H

#include <sys/stat.h>
#include <sys/types.h>

#include "base/str.h"

/* opens for reading; returns the descriptor, or -1 */
int file_open(const char *path, struct stat *st);
int file_open_append(const char *path); /* for log files; returns the descriptor, or -1 */
/* reads n bytes, or less at the end of the file */
ssize_t file_read_at(int fd, char *to, size_t n, off_t from);
ssize_t file_read_cached(int fd, char *to, size_t n, off_t from); /* without waiting */
int file_write_all(int fd, const char *from, size_t n, off_t at); /* 0 or -1 */

/* Reads go past the page cache from now on. The functions here accept unaligned reads. */
int file_set_direct(int fd); /* -1: this file system does not support it */

/*
 * Reads up to n bytes, beginning at `from`. *bytes points into memory that the next call
 * overwrites, so do not call it in threads. Empty: the end of the file. -1: errno says why.
 */
int file_look_at(int fd, size_t n, off_t from, struct str *bytes);

/*
 * Reads all of a small file, but only if the file did not change meanwhile: its size and its
 * times are compared before and after. False: it changed, or errno says what failed.
 */
bool file_read_steady(int fd, char *to, const struct stat *before);

/* The same, but only if all bytes are in memory. */
bool file_read_steady_cached(int fd, char *to, const struct stat *before);

bool file_same_version(const struct stat *a, const struct stat *b);

#endif
