/* answer.h - stage 5's answers for a connection that goes on. */
#pragma once

#include "http.h"

/* The answer to a whole head of LENGTH bytes; KEEP: it does not say that it is the last one. It
 * overwrites *R, and opens r->file if there is one: close it when it is sent. */
void answer_make(struct response *r, const char *head, size_t length, bool keep);

/* An answer to something that is no request, or too large: 400, 413, ... It says close. */
void answer_error(struct response *r, int status);

extern int answer_count; /* the answers since the loop has looked */
