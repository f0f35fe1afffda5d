# The paper as text; with key=1, the answers.
function safe(text) { return text }

# The text in lines of at most 88 bytes, each behind three blanks; code stays as it is.
function print_folded(text, gap, words, count, i, out) {
	if (text ~ /^    /) { print "   " text; return }
	count = split(text, words, " ")
	out = "   " words[1]
	for (i = 2; i <= count; i++) {
		if (length(out) + length(words[i]) > 88) { print out; out = gap words[i] }
		else out = out " " words[i]
	}
	print out
}

END {
	print title (key ? ": the key" : "")
	print "Seed " seed ", " n " questions, " all_points " points."
	if (!key) print "\nName: ______________________________    Id: ____________________"
	for (i = 1; i <= n; i++) {
		printf "\n%d. (%s)%s\n\n", i, worth(i), key ? " " title_of[i] : ""
		for (j = 1; j <= lines[i]; j++) print_folded(line[i, j], "   ")
		if (options[i]) print ""
		for (j = 1; j <= options[i]; j++) print_folded(letter(j) ") " option[i, j], "      ")
		if (!key) { print "\n   Answer: __________"; continue }
		print "\n   Answer: " right(i)
		print_folded("Why: " why[i], "   ")
		print "   See it: SEED=" seed " tools/exam/exam verify " name[i]
	}
}
