## Measure
## make bench :: all stages under the same load, side by side  (Q=idle QUICK=1 PEERS=1 SERVER= ARGS=--help)
takes_words += bench
export Q QUICK PEERS SERVER BENCH

.PHONY: bench
bench:
	@tools/bench/bench $(ARGS) $(args)
