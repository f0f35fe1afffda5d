## Read
## make diff 3 :: what changed from stage 2 to 3, every line explained; make diff 2 5 compares any two
## make diffs-check :: is every changed line explained by exactly one note, and still true?
## make stub 3 :: fences for the changes of stage 3 that no note covers yet
## make bless 3 :: new checksums for stage 3's notes, once you have read them again
takes_words += diff stub bless

.PHONY: diff diffs-check stub bless
diff:
	@tools/diff/show $(args)

diffs-check:
	@tools/diff/check

stub:
	@tools/diff/check stub $(args)

bless:
	@tools/diff/check bless $(args)
