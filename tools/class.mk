## Teach
## make class N IN= OUT= :: grades a class: gradebook.csv, summary.html, a report a student, exports  (REDO= RELEASE= ROSTER= DUE= ENGINE=)
takes_words += class
export IN OUT REDO RELEASE ROSTER DUE TIMES JOBS ENGINE HOSTS CANVAS SIMILAR COURSE TERM_NAME

.PHONY: class
class:
	@tools/class/class $(args)
