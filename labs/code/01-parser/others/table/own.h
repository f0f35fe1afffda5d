#pragma once

#include "parser.h"

#include <stdbool.h>
#include <stdint.h>

struct parser {
	void (*on)(void *arg, enum part part, const char *bytes, size_t n);
	void *arg;
	uint64_t body;
	int status;
	uint16_t line, head, headers;
	uint8_t state, word_length, spaces, digits, major, minor, field;
	bool has_length;
	char word[24];             /* the method, or the beginning of a name, in lower case */
	char space[SPACES_MOST];
};
