/* system.h - what the puppet tells the system, and what it asks. Your code needs memory.h alone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct system_numbers {
	size_t takes;      /* requests so far, refused ones too */
	size_t refused;
	size_t areas;      /* taken and not given back */
	size_t bytes;      /* of these */
	size_t wrong;      /* given back, but not taken */
};

void system_numbers(struct system_numbers *to);

/* The next COUNT requests are granted, then REFUSE are refused, then all are granted again. */
void system_refuse(size_t count, size_t refuse);

/* Does this byte lie in an area that is taken? */
bool system_has(const void *byte);

void system_end(void); /* gives all areas back, without counting */
