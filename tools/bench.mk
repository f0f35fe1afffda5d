## Measure
## make bench :: all stages under the same load, side by side  (Q=idle QUICK=1 PEERS=1 SERVER=; make bench 3 4; --help: ARGS=--help)
takes_words += bench
export Q QUICK PEERS SERVER

.PHONY: bench
bench:
	@tools/bench/bench $(ARGS) $(args)
