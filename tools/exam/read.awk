# Reads the records of questions into arrays; what is printed at the end is another file's END.
#
#	n				how many questions
#	name[i] title_of[i] topic[i] stage[i] points[i] kind[i] answer[i] near[i] why[i]
#	lines[i], line[i, j]		the text; a line that begins with four blanks is code
#	options[i], key_of[i, j], option[i, j]

BEGIN { FS = "\t" }
$1 == "question" { n++; name[n] = $2 }
$1 == "title" { title_of[n] = $2 }
$1 == "topic" { topic[n] = $2 }
$1 == "stage" { stage[n] = $2 }
$1 == "points" { points[n] = $2; all_points += $2 }
$1 == "kind" { kind[n] = $2 }
$1 == "text" { line[n, ++lines[n]] = substr($0, 6) }
$1 == "option" { key_of[n, ++options[n]] = $2; option[n, options[n]] = $3 }
$1 == "answer" { answer[n] = $2 }
$1 == "near" { near[n] = $2 }
$1 == "why" { why[n] = $2 }

function worth(i) { return points[i] " point" (points[i] == 1 ? "" : "s") }

function letter(j) { return substr("abcdefgh", j, 1) }

# The letter of the right option, or the number.
function right(i, j) {
	if (kind[i] == "number") return answer[i] (near[i] + 0 ? " (give or take " near[i] ")" : "")
	for (j = 1; j <= options[i]; j++) if (key_of[i, j] == answer[i]) return letter(j)
}

# `code` in a line becomes open ... shut; the text between and around them as `safe` makes it.
function coded(text, open, shut, out, parts, count, j) {
	count = split(text, parts, "`")
	for (j = 1; j <= count; j++) out = out (j % 2 ? safe(parts[j]) : open safe(parts[j]) shut)
	return out
}

function xml(text) {
	gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/>/, "\\&gt;", text); gsub(/"/, "\\&quot;", text)
	return text
}

# The text of question i as HTML: paragraphs, and code in a block.
function as_html(i, j, out, in_code, open, text) {
	for (j = 1; j <= lines[i]; j++) {
		text = line[i, j]
		if (text ~ /^    /) {
			if (open) { out = out "</p>"; open = 0 }
			out = out (in_code ? "\n" : "<pre><code>") xml(substr(text, 5)); in_code = 1
			continue
		}
		if (in_code) { out = out "</code></pre>"; in_code = 0 }
		if (text == "") { if (open) out = out "</p>"; open = 0; continue }
		out = out (open ? " " : "<p>") coded(text, "<code>", "</code>"); open = 1
	}
	return out (in_code ? "</code></pre>" : "") (open ? "</p>" : "")
}
