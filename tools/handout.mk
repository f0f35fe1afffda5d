## make handout OUT= :: the students' edition: no solutions, no hidden checks  (LABS=1-3 STAGES=1-4; again: what is new)
export OUT LABS STAGES

.PHONY: handout
handout:
	@tools/handout/handout
