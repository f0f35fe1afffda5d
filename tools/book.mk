## make outputs :: put today's output under the commands that the texts show; outputs-check compares
.PHONY: outputs outputs-check
outputs:
	@tools/outputs/outputs write $(FILES)

outputs-check:
	@tools/outputs/outputs check $(FILES)
