# Moodle's GIFT: ::name:: text { answers }.
function escaped(text) { gsub(/[\\~=#{}:]/, "\\\\&", text); return text }
function safe(text) { return xml(text) }
END {
	print "// " title ", seed " seed ". Import in Moodle: Question bank, Import, GIFT format.\n"
	for (i = 1; i <= n; i++) {
		text = as_html(i)
		gsub(/\n/, "<br>", text)
		printf "::%s %s::[html]%s {", escaped(name[i]), seed, escaped(text)
		if (kind[i] == "number") printf "#%s:%s", answer[i], near[i]
		else {
			print ""
			for (j = 1; j <= options[i]; j++)
				print "\t" (key_of[i, j] == answer[i] ? "=" : "~") escaped(coded(option[i, j], "<code>", "</code>"))
		}
		printf "####%s}\n\n", escaped(coded(why[i], "<code>", "</code>"))
	}
}
