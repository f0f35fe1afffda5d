# make -f tools/helpers.mk build/tools/NAME   the small C programs that the tools are made of.
# Two may build the same one at the same time: each writes its own and renames it.

CFLAGS ?= -O2 -g
STRICT := -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror

.SECONDEXPANSION:
build/tools/%: $$(wildcard tools/$$*/*.[ch] tools/client/*.[ch]) tools/helpers.mk
	@mkdir -p build/tools
	@$(CC) $(CFLAGS) $(STRICT) $(filter tools/$*/%.c tools/client/%.c,$^) -o $@.$$$$ && mv $@.$$$$ $@
