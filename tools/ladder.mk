## make ladder :: what each stage can and cannot do, proven now  (make ladder 3, P=slow-reader, SERVER=)
takes_words += ladder
export P SERVER

.PHONY: ladder
ladder:
	@tools/ladder $(args)
