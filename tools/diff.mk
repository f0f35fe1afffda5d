## Read
## make diff 3 :: what changed from stage 2 to 3, every line explained; make diff 7 lists the steps of stage 7, make diff fork a road, make diff 2 5 compares
takes_words += diff

.PHONY: diff
diff:
	@tools/diff/show $(args) || { status=$$?; [ $$status = 141 ] || exit $$status; } # 141: the pager was closed
