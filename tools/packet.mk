## make packet PORT :: then ping, echo TEXT, silent, flood ...: a client of stage 7's packet server  (ARGS=--help)
.PHONY: packet
takes_words += packet
packet:
	@sh -c '. tools/lib.sh; helper packet'
	@build/tools/packet $(or $(strip $(args) $(ARGS)),--help)
