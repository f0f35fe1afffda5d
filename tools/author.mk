## make solution N OUT= :: what a student would hand in; make starter N OUT=, what is given
## make labs-check :: solutions, starters and wrong solutions get what they should  (LAB= REPEAT= LOAD=)
## make regrade JSON= DIR= :: grades a submission again: is it the same result?
takes_words += solution starter labs-check
export OUT LAB REPEAT LOAD

.PHONY: solution starter regrade labs-check
solution starter:
	@tools/grade/lab $@ $(args)

regrade:
	@tools/grade/regrade "$(JSON)" "$(DIR)"

labs-check:
	@tools/grade/check $(args)
