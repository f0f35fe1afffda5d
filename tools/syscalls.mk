## make syscalls 3 :: what one request costs in system calls, beside the stage before
takes_words += syscalls

.PHONY: syscalls
syscalls:
	@tools/syscalls $(or $(args),$(N))
