/*
 * unit: what the unit tests share: a test is a function, and a failure says
 * what should have been and what was.
 */
#ifndef UNIT_H
#define UNIT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			printf("%s:%d: should hold: %s\n", __FILE__, __LINE__, #condition);        \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

#define CHECK_NUMBER(wanted, value)                                                                \
	do {                                                                                       \
		long long wanted_ = (long long)(wanted), value_ = (long long)(value);              \
		if (wanted_ != value_) {                                                           \
			printf("%s:%d: %s should be %lld, but it is %lld\n", __FILE__, __LINE__,   \
			       #value, wanted_, value_);                                           \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

#define CHECK_STR(wanted, value)                                                                   \
	do {                                                                                       \
		struct str value_ = (value);                                                       \
		if (!str_equal(str_from(wanted), value_)) {                                        \
			printf("%s:%d: %s should be \"%s\", but it is \"%.*s\"\n", __FILE__,       \
			       __LINE__, #value, wanted, STR_ARGS(value_));                        \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

#endif
