# make -f labs/code/lib/judge.mk LAB=01-parser   builds build/labs/01-parser/judge
# Two may build the same one at the same time: each writes its own and renames it.
# A lab's given/ is on the include path. The hidden checks are there in the instructor's edition only.

LAB_FOLDER := labs/code/$(LAB)
OUT := build/labs/$(LAB)
CFLAGS ?= -O2 -g
STRICT := -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Ilabs/code/lib -I$(LAB_FOLDER)/judge -I$(LAB_FOLDER)/given
LIB := $(addprefix labs/code/lib/,judge.c program.c kernel.c wire.c)
CHECKS := $(wildcard $(LAB_FOLDER)/judge/*.c $(LAB_FOLDER)/hidden/*.c)

$(OUT)/judge: $(CHECKS) $(LIB) $(wildcard labs/code/lib/*.h $(LAB_FOLDER)/judge/*.h $(LAB_FOLDER)/given/*.h) labs/code/lib/judge.mk
	@mkdir -p $(OUT)
	@$(CC) $(CFLAGS) $(STRICT) $(CHECKS) $(LIB) -o $@.$$$$ && mv $@.$$$$ $@
