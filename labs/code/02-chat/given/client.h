/* client.h - what chat.c has to offer to main.c. struct client is yours, in chat.c. */
#pragma once

#include <signal.h>

/* main sets it at SIGTERM and SIGINT; select then returns with EINTR. */
extern volatile sig_atomic_t stopping;

/* Talks with all clients until `stopping`, in one thread. It leaves no descriptor open and no memory
 * allocated, the listener included. */
void chat_run(int listener);
