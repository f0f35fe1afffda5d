## Keep it true
## make diffs-check :: is every changed line explained by exactly one note, and still true?
## make stub 3 :: fences for the changes of stage 3 that no note covers yet  (make stub 7.4 OLD=DIR)
## make bless 3 :: new checksums for stage 3's notes, once you have read them again
## make outputs :: put today's output under the commands that the texts show; outputs-check compares
## make step 7.4 DIR=x :: the sources of step 7.4, to change by hand
takes_words += stub bless step
export OLD

.PHONY: diffs-check stub bless step outputs outputs-check
diffs-check:
	@tools/diff/check

stub:
	@tools/diff/check stub $(args)

step:
	@tools/steps/step copy $(args) $(DIR)

bless:
	@tools/diff/check bless $(args)

outputs:
	@tools/outputs/outputs write $(FILES)

outputs-check:
	@tools/outputs/outputs check $(FILES)
