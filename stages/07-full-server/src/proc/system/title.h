/*
 * title: what ps shows for this process. It overwrites the memory where the kernel has put the
 * arguments and the environment. Both are copied first, because a binary upgrade passes them
 * on.
 */
#ifndef PROC_TITLE_H
#define PROC_TITLE_H

int title_init(int argc, char **argv); /* -1: there is no memory, so there are no titles */
void title_fini(void);
void title_set(const char *format, ...) __attribute__((format(printf, 1, 2)));

char **title_arguments(void); /* the original arguments */

#endif
