## make solution N OUT= :: what a student would hand in; make starter N OUT=, what is given
## make labs-check :: solutions, starters and wrong solutions get what they should  (LAB= REPEAT= LOAD=)
takes_words += solution starter labs-check
export OUT LAB REPEAT LOAD

.PHONY: solution starter labs-check
solution starter:
	@tools/grade/lab $@ $(args)

labs-check:
	@tools/grade/check $(args)
