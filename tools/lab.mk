## Write
## make lab N :: a folder of your own for assignment N, in work/  (FRESH=1, STUDENT=name)
## make grade N [CHECK] :: builds it, checks it, says what is missing  (WATCH=1, ALL=1, DIR=, JSON=)
## make hint N [CHECK] :: the next of three hints
## make replay N CHECK :: that check alone, each step as it happens  (GDB=1)
## make solution N OUT= :: what a student would hand in; make starter N OUT=, what is given
## make labs-check :: solutions, starters and wrong solutions get what they should  (LAB= REPEAT= LOAD=)
takes_words += lab grade hint replay solution starter labs-check
export FRESH WATCH ALL DIR JSON GDB OUT LAB REPEAT LOAD STUDENT

.PHONY: lab grade hint replay solution starter labs-check
lab grade hint replay solution starter:
	@tools/grade/lab $@ $(args)

labs-check:
	@tools/grade/check $(args)
