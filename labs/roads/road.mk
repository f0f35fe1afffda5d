# What the roads' Makefiles share. A road is a stage with a few files in place of the stage's own, and
# only those few lie in its folder. The compiler finds all of them together in build/src/, as links.
#
# make                builds build/server
# make BUILD=/tmp/x   builds it there; CC=, CFLAGS= and SAN=address,undefined are honoured

BUILD  ?= build
CFLAGS ?= -O2 -g
STRICT := -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all)

stage  := ../../../stages/$(STAGE)
ours   := $(wildcard *.[ch])
theirs := $(filter-out $(ours),$(notdir $(wildcard $(stage)/*.[ch])))
src    := $(BUILD)/src

$(BUILD)/server: $(ours) $(theirs:%=$(stage)/%) Makefile ../road.mk
	@rm -rf $(src) && mkdir -p $(src)
	@for file in $(ours); do ln -s "$(CURDIR)/$$file" $(src)/; done
	@for file in $(theirs); do ln -s "$(CURDIR)/$(stage)/$$file" $(src)/; done
	$(CC) $(CFLAGS) $(STRICT) $(src)/*.c -o $@ $(LIBS)

.PHONY: clean
clean:
	rm -rf $(BUILD)
