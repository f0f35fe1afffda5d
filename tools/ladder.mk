## make ladder :: what each stage can and cannot do, proven now  (make ladder 3, make ladder roads, P=slow-reader)
## make ladder SERVER='python3 my.py %p %r' EXPECT=5 :: judge a server of your own, in any language  (JSON=)
takes_words += ladder
export P SERVER ADAPTER EXPECT JSON

.PHONY: ladder
ladder:
	@tools/ladder $(args)
