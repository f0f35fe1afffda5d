# lab.mk - what the Makefile of every lab includes. It says before:
#   PROGRAM   the name of the program        SOURCES   its C files
# make              builds build/PROGRAM
# make SAN=address,undefined    with the sanitizers, all of it again; make clean removes build/

CFLAGS ?= $(if $(SAN),-O1,-O2) -g
STRICT := -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror \
	$(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)

OBJECTS := $(SOURCES:%.c=build/%.o)

# With other flags than last time, everything is compiled again: build/flags changes.
FLAGS := $(CC) $(CFLAGS) $(STRICT)
ifneq ($(FLAGS),$(shell cat build/flags 2>/dev/null))
$(shell mkdir -p build && echo '$(FLAGS)' >build/flags)
endif

build/$(PROGRAM): $(OBJECTS)
	$(CC) $(CFLAGS) $(STRICT) $(OBJECTS) $(LIBS) -o $@

build/%.o: %.c $(wildcard *.h) Makefile lab.mk build/flags
	$(CC) $(CFLAGS) $(STRICT) -c $< -o $@

.PHONY: clean
clean:
	rm -rf build
