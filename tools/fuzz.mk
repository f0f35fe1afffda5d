## make fuzz :: clang's fuzzer on stage 7's parsers and on the whole of it, SECONDS=60 each   (make fuzz conf)
takes_words += fuzz

.PHONY: fuzz
fuzz:
	@SECONDS_EACH=$(or $(SECONDS),60) tools/fuzz $(args)
