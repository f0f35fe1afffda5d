## make watch PORT :: live states of every connection of a port, both ends  (RECORD=file)
.PHONY: watch
takes_words += watch
watch:
	@tools/watch $(if $(RECORD),--record $(RECORD)) $(filter-out watch,$(args)) $(ARGS)
