## Write
## make lab N :: a folder of your own for assignment N, in work/  (FRESH=1, STUDENT=name)
## make grade N [CHECK] :: builds it, checks it, says what is missing  (WATCH=1, ALL=1, DIR=, JSON=)
## make hint N [CHECK] :: the next of three hints
## make replay N CHECK :: that check alone, each step as it happens  (GDB=1)
takes_words += lab grade hint replay
export FRESH WATCH ALL DIR JSON GDB OUT STUDENT

.PHONY: lab grade hint replay
lab grade hint replay:
	@tools/grade/lab $@ $(args)
