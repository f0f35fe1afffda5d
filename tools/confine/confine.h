#pragma once

/* A descriptor with a filter of system calls, as bubblewrap's --seccomp wants it. */
int calls_filter(void);
