# make -f labs/code/lib/judge.mk LAB=01-parser   builds build/labs/01-parser/judge
# What all judges share is compiled once, into build/labs/lib/. Two may build the same file at the same
# time: each writes its own and renames it.
# A lab's given/ is on the include path. The hidden checks are there in the instructor's edition only.

LAB_FOLDER := labs/code/$(LAB)
OUT := build/labs/$(LAB)
CFLAGS ?= -O0 -g
STRICT := -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Ilabs/code/lib
OWN := -I$(LAB_FOLDER)/judge -I$(LAB_FOLDER)/given
SHARED := $(addprefix build/labs/lib/,judge.o program.o kernel.o wire.o)
CHECKS := $(notdir $(wildcard $(LAB_FOLDER)/judge/*.c $(LAB_FOLDER)/hidden/*.c))
OBJECTS := $(CHECKS:%.c=$(OUT)/%.o)
SHARED_HEADERS := $(wildcard labs/code/lib/*.h) labs/code/lib/judge.mk
vpath %.c $(LAB_FOLDER)/judge $(LAB_FOLDER)/hidden

$(OUT)/judge: $(OBJECTS) $(SHARED)
	@$(CC) $(CFLAGS) $(OBJECTS) $(SHARED) -o $@.$$$$ && mv $@.$$$$ $@

$(OUT)/%.o: %.c $(SHARED_HEADERS) $(wildcard $(LAB_FOLDER)/judge/*.h $(LAB_FOLDER)/given/*.h)
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) $(STRICT) $(OWN) -c $< -o $@.$$$$ && mv $@.$$$$ $@

build/labs/lib/%.o: labs/code/lib/%.c $(SHARED_HEADERS)
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) $(STRICT) -c $< -o $@.$$$$ && mv $@.$$$$ $@
