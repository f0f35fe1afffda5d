/* words.h - what a line of a client says. */
#pragma once

#include <stdbool.h>

enum said { SAID_NAME, SAID_SAY, SAID_TO, SAID_BYE, SAID_NOTHING };

struct words {
	enum said said;
	char *name; /* of SAID_NAME and SAID_TO; NULL: there is none, or it is no name */
	char *text; /* of SAID_SAY and SAID_TO; it may be empty */
};

enum { NAME_MOST = 16 };

/* Cuts LINE, which has no line end; the words point into it. */
struct words words_read(char *line);
/* 1 to NAME_MOST letters a to z. */
bool words_is_name(const char *text);
