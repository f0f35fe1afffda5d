## Break
## make flaw 3 :: stage 3's weakness, live, and stage 4 without it
takes_words += flaw

.PHONY: flaw
flaw:
	@tools/flaw $(or $(args),$(N))
