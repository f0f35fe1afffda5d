# The front door. `make` alone lists what there is to do.
#
# Each tool brings its own page, tools/NAME.mk: its goals, and a line of help
# for each ("## make goal :: what it does"). This file only puts them together
# and lets goals take words after them: `make stage 3`, `make observe time-wait`.

.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory

verb := $(firstword $(MAKECMDGOALS))
args := $(wordlist 2,99,$(MAKECMDGOALS))

# Goals whose words are arguments and not goals; each page adds its own.
takes_words :=

pages := stage flaw ladder syscalls trace herd balance diff book observe watch packet bench alloc lab author class exam handout notes test fuzz doctor
include $(wildcard $(pages:%=tools/%.mk))

# The words become goals that do nothing, so that make does not look for them.
ifneq ($(filter $(verb),$(takes_words)),)
.PHONY: $(args)
$(args):
	@:
endif

.PHONY: help
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST) | awk -F ' :: ' -f tools/help.awk

.DEFAULT:
	@echo "make: there is no '$@' here; 'make' alone lists what there is" >&2; exit 2
