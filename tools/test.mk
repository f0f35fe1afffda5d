## make test :: every test, in parallel  (T=stages for one folder of tests/, or a file)
.PHONY: test
test:
	@tests/run $(T)
