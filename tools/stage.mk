## Run
## make stage 3 :: build stage 3, serve www/ on http://127.0.0.1:8080/  (PORT= ROOT= WORKERS= SAN= CC= FLAW= CONF=)
## make road fork :: other roads from the same stages: fork, thread, handoff, uring; make road lists them
takes_words += stage road
export PORT ROOT WORKERS SAN FLAW CONF
ifneq ($(origin CC),default)
export CC
endif

.PHONY: stage road clean
stage:
	@tools/stage run $(or $(args),$(N))

road:
	@$(if $(args),tools/stage run $(args),tools/stage roads)

# not where it is a word: one of a lab's checks has this name
ifeq ($(filter clean,$(args)),)
clean:
	rm -rf build stages/*/build labs/tcp/build labs/roads/*/build
endif
