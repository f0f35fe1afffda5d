## Measure
## make bench :: all stages under the same load, side by side  (QUICK=1, Q=idle, PEERS=1, ARGS=--help)
takes_words += bench
export Q QUICK PEERS SERVER BENCH CLIENTS

.PHONY: bench
bench:
	@tools/bench/bench $(ARGS) $(args)
