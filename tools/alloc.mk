## make alloc-bench :: stage 7's allocator beside malloc: time, and what becomes of the memory
.PHONY: alloc-bench
alloc-bench: build/tools/alloc-bench
	@build/tools/alloc-bench

allocator := stages/07-full-server/src/mem/alloc
build/tools/alloc-bench: tools/alloc/bench.c $(allocator).c $(allocator).h tools/alloc.mk
	@mkdir -p $(@D)
	@$(or $(CC),cc) -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -Istages/07-full-server/src \
		$(filter %.c,$^) -o $@.$$$$ && mv $@.$$$$ $@
