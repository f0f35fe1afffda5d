## make herd :: stage 6 with and without EPOLLEXCLUSIVE: who is woken when a client comes
.PHONY: herd
herd:
	@tools/herd
