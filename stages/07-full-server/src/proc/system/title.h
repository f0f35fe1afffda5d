/*
 * title: sets the text that ps shows for this process. The title overwrites the memory where
 * the kernel has put the arguments and the environment. Both are copied before, because a
 * binary upgrade needs them for the new binary.
 */
#ifndef PROC_TITLE_H
#define PROC_TITLE_H

/* returns -1 if there is no memory; then titles are not set */
int title_init(int argc, char **argv);
void title_fini(void);
void title_set(const char *format, ...) __attribute__((format(printf, 1, 2)));

char **title_arguments(void); /* the original arguments */

#endif
