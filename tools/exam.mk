## make exam SEED=7 :: an exam paper and its key, in build/exam-7/  (N=12 TOPIC='poll tcp' STAGES=1-4 OUT= TITLE=)
## make exam-check :: runs what each question of the exam bank asks about: is the key right?  (SEED= Q=name PART=1/8 JOBS=)
export SEED TOPIC TITLE PART JOBS

.PHONY: exam exam-check
exam:
	@N='$(N)' tools/exam/exam paper

exam-check:
	@tools/exam/exam check $(Q)
