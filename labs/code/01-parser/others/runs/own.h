#pragma once

#include "parser.h"

struct parser {
	void (*on)(void *arg, enum part part, const char *bytes, size_t n);
	void *arg;
	int where, status, count, lengths, known;
	long left;
	unsigned line, head, tabs;
	short matched, held;
	char method[12];
};
