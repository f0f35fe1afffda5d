## make trace 7 /index.html :: the functions that one real request visits, in order
takes_words += trace

.PHONY: trace
trace:
	@tools/trace $(or $(args),$(N))
