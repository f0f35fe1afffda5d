## Teach
## make class N IN= OUT= :: grades a class: gradebook.csv, summary.html, a report a student, exports  (REDO= RELEASE= ROSTER= DUE= ENGINE=)
takes_words += class
export IN OUT REDO RELEASE ROSTER DUE TIMES JOBS ENGINE HOSTS CANVAS SIMILAR COURSE TERM_NAME

.PHONY: class
class:
	@tools/class/class $(args)

## make autograder N OUT= :: what Gradescope, GitHub Classroom and Kubernetes need to grade assignment N  (ID=email)
takes_words += autograder
export ID

.PHONY: autograder
autograder:
	@tools/class/autograder $(args)

## make quiz-key :: a key for the course's quizzes, and one for each student  (STUDENT=id, ROSTER= OUT=)
## make quizzes IN= :: verifies the sheets of a class, all observations, into one table  (OUT= ROSTER= KEY=)
export KEY STUDENT

.PHONY: quiz-key quizzes
quiz-key quizzes:
	@tools/class/$@
