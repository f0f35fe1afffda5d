## make packet PORT ping :: a client of stage 7's packet server: ping, echo TEXT, silent, flood ...  (ARGS=--help)
.PHONY: packet
takes_words += packet
packet:
	@sh -c '. tools/lib.sh; helper packet'
	@build/tools/packet $(or $(strip $(args) $(ARGS)),--help)
