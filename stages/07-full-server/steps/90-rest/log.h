/* log.h - error messages, one line each on stderr. */
#pragma once

void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A call that failed, with errno: "sendfile(fd=7): Broken pipe (32)". */
void log_errno(const char *call, int fd);

/* Prints one line and exits with 1. Only for start-up. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What stderr is, if it is a file: the name that it had at the start. */
extern char log_path[];
void log_init(void);
int log_reopen(void);  /* the file that has this name now; -1: none */
void log_take(int fd); /* messages go there from now on */
