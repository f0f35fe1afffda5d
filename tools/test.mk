## make test :: every test, in parallel; T=stages runs one folder of tests/, T=stages/head.bats one file
.PHONY: test
test:
	@tests/run $(T)
