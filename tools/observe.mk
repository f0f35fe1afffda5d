## Observe
## make observe [NAME] :: what TCP does, seen with netstat: predict, run, explain  (ARGS=--quiz)
.PHONY: observe
takes_words += observe
observe:
	@tools/observe $(filter-out observe,$(args)) $(ARGS)
