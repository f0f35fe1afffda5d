## Read
## make diff 3 :: what changed from stage 2 to 3, every line explained; make diff 2 5 compares any two; make diff 7 lists stage 7's steps, 7.1 is the first
takes_words += diff

.PHONY: diff
diff:
	@tools/diff/show $(args)
