## make book :: the HTML book, in build/book/
## make read :: the same, served by the newest stage on http://127.0.0.1:8080/   (PORT=)
## make outputs :: put today's output under the commands that the texts show; outputs-check compares
.PHONY: book read outputs outputs-check
book:
	@tools/book/book build

read:
	@tools/book/book read

outputs:
	@tools/outputs/outputs write $(FILES)

outputs-check:
	@tools/outputs/outputs check $(FILES)
