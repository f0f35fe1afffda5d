/* talk.h - what the checks of the chat share: the words of this variant, and clients that join. */
#pragma once

#include "wire.h"

struct words {
	const char *name, *say, *to, *bye, *welcome, *comes, *leaves;
};
extern struct words word;

/* Reads the variant's words and starts the chat. */
struct program *chat_start(void);

/* Connects and is welcomed. It hears nothing of who was there before. */
struct peer *join(struct program *chat, const char *name);
struct peer *join_small(struct program *chat, const char *name);

/* The same, and these have heard of it; up to NULL. */
struct peer *join_heard(struct program *chat, const char *name, ...) __attribute__((sentinel));

/* FROM says it, and all these hear it; up to NULL. */
void say_heard(struct peer *from, const char *text, ...) __attribute__((sentinel));

/* A text of N bytes, the same for the same N. */
const char *text_of(size_t n);
