## make book :: the HTML book, in build/book/
## make read :: the same, served by the newest stage on http://127.0.0.1:8080/  (PORT=)
## make slides :: slides for each stage, in build/slides/: in the browser, or printed
.PHONY: book read slides
book:
	@tools/book/book build

read:
	@tools/book/book read

slides:
	@tools/book/book slides
