## make balance :: stage 7's workers: who gets the connections, with an accept mutex, reuseport, ...
takes_words += balance

.PHONY: balance
balance:
	@tools/balance $(args)
