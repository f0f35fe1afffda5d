# The paper as a page to print; with key=1, the answers.
function safe(text) { return xml(text) }
END {
	heading = xml(title) (key ? ": the key" : "")
	print "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">"
	print "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" heading "</title>"
	print "<style>"
	print ":root { color-scheme: light dark; }"
	print "body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 Charter, Georgia, \"Noto Serif\", serif; }"
	print "code, pre { font: .9em/1.5 ui-monospace, Menlo, Consolas, monospace; } pre { overflow-x: auto; padding: .5rem .8rem; border: 1px solid; border-radius: 5px; }"
	print "section { break-inside: avoid; margin: 2rem 0; } h2 { font-size: 1rem; } h2 small { font-weight: normal; }"
	print "ol { list-style: lower-alpha; } .line { display: inline-block; min-width: 14rem; border-bottom: 1px solid; } .right { border-left: 3px solid; padding-left: .8rem; }"
	print "@media print { body { margin: 0; max-width: none; font-size: 11pt; } }"
	print "</style>\n</head>\n<body>\n<h1>" heading "</h1>"
	print "<p>Seed " seed ", " n " questions, " all_points " points.</p>"
	if (!key) print "<p>Name: <span class=\"line\">&nbsp;</span> Id: <span class=\"line\">&nbsp;</span></p>"
	for (i = 1; i <= n; i++) {
		print "<section>\n<h2>" i (key ? " " xml(title_of[i]) : "") " <small>(" worth(i) ")</small></h2>"
		print as_html(i)
		if (options[i]) {
			print "<ol>"
			for (j = 1; j <= options[i]; j++) print "<li>" coded(option[i, j], "<code>", "</code>") "</li>"
			print "</ol>"
		}
		if (key) print "<div class=\"right\"><p><b>" right(i) "</b> " coded(why[i], "<code>", "</code>") "</p><p>See it: <code>SEED=" seed " tools/exam/exam verify " name[i] "</code></p></div>"
		else print "<p>Answer: <span class=\"line\">&nbsp;</span></p>"
		print "</section>"
	}
	print "</body>\n</html>"
}
