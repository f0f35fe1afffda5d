# make -f tools/helpers.mk build/tools/NAME   the small C programs that the tools are made of.
# Two may build the same one at the same time: each writes its own and renames it.

CFLAGS ?= -O2 -g
STRICT := -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror

# The bare servers of `make bench Q=kept`.
build/tools/bare-%: $(wildcard tools/bench/bare/* labs/roads/uring/ring.* labs/roads/uring/../../../stages/05-*/log.*) tools/helpers.mk
	@mkdir -p build/tools
	@$(CC) $(CFLAGS) $(STRICT) -Itools/bench/bare -Ilabs/roads/uring -I$(firstword $(wildcard stages/05-*)) \
		tools/bench/bare/bare.c tools/bench/bare/$*.c \
		$(if $(filter uring,$*),labs/roads/uring/ring.c $(wildcard stages/05-*/log.c)) -o $@.$$$$ && mv $@.$$$$ $@

.SECONDEXPANSION:
build/tools/%: $$(wildcard tools/$$*/*.[ch] tools/client/*.[ch]) tools/helpers.mk
	@mkdir -p build/tools
	@$(CC) $(CFLAGS) $(STRICT) $(filter tools/$*/%.c tools/client/%.c,$^) -o $@.$$$$ && mv $@.$$$$ $@
