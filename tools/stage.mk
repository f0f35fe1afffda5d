## Run
## make stage 3 :: build stage 3, serve www/ on http://127.0.0.1:8080/  (PORT= ROOT= WORKERS= SAN= CC= FLAW= CONF=)
takes_words += stage
export PORT ROOT WORKERS SAN FLAW CONF
ifneq ($(origin CC),default)
export CC
endif

.PHONY: stage clean
stage:
	@tools/stage run $(or $(args),$(N))

clean:
	rm -rf build stages/*/build labs/tcp/build
