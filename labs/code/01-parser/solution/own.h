/* own.h - what the parser keeps between two pieces. */
#pragma once

#include "parser.h"

#include <stddef.h>

struct parser {
	void (*on)(void *arg, enum part part, const char *bytes, size_t n);
	void *arg;
	/* LAB-BEGIN 1: your own fields, at most 128 bytes together with the two above */
	int state, refused;
	size_t line, head, headers; /* bytes of the request line, of the head; headers so far */
	unsigned methods;	    /* bit I: method I may still be the one that comes */
	size_t at;		    /* bytes of the method, or of the name, so far */
	unsigned names;		    /* the same for the names that we know */
	int name;		    /* which of them this header has; -1: none */
	unsigned spaces, tabs;	    /* white space that we hold back; bit I: it is a tab */
	long length, digits;	    /* of the body; digits of Content-Length; -1: not given */
	char versions[2];
	/* LAB-ELSE
	LAB-END */
};
