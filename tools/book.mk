## make book :: the HTML book, in build/book/
## make read :: the same, served by the newest stage on http://127.0.0.1:8080/  (PORT=)
.PHONY: book read
book:
	@tools/book/book build

read:
	@tools/book/book read
