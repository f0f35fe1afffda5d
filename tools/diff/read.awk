# read.awk - what there is: the changes, and the notes.
#
# Lines of the difference are numbered 1..lines through all files:
#	SIGN TEXT FILE		" ", "+" or "-"; the line; the number of its file
#	OLDNO NEWNO		its number in the old and in the new file
#	NAME			the definition that it belongs to: "on_event", "struct conn"
# and the changed ones once more, 1..changes:
#	AT[c]			the line
#	KEY[c]			its sign and its text with white space folded
#	RUN[c]			changed lines that follow each other are one run

function trim(s) { sub(/^[ \t]+/, "", s); sub(/[ \t\r]+$/, "", s); return s }

# White space counts once, at the start of a line too: "}" is not "	}".
function fold(s) { sub(/[ \t\r]+$/, "", s); gsub(/[ \t]+/, " ", s); return s }

# ------------------------------------------------------------------- changes

function read_change(record) {
	if (record ~ /^F\t/) {
		files++
		FILENAMES[files] = substr(record, 3)
		FILENO[substr(record, 3)] = files
		FROM[files] = lines + 1
		oldno = newno = 0
		return
	}
	lines++
	SIGN[lines] = substr(record, 1, 1)
	NAME[lines] = substr(record, 2, index(record, "\t") - 2)
	TEXT[lines] = substr(record, index(record, "\t") + 1)
	FILE[lines] = files
	if (SIGN[lines] != "+") OLDNO[lines] = ++oldno
	if (SIGN[lines] != "-") NEWNO[lines] = ++newno
	TO[files] = lines
	if (SIGN[lines] == " ")
		return
	changes++
	AT[changes] = lines
	KEY[changes] = SIGN[lines] fold(TEXT[lines])
	if (changes == 1 || AT[changes - 1] != lines - 1 || FILE[lines - 1] != files)
		runs++
	RUN[changes] = runs
	if (SIGN[lines] == "+") ADDED[files]++
	else REMOVED[files]++
}

# --------------------------------------------------------------------- notes
#
# Blocks in their order: BLOCK[b] is "note", "heading" or "prose", PROSE[b] its text; in the notes of
# a step also "new" and "old", with FILES_OF[b] that come or end as a whole.
# BLOCKLINE BLOCKEND	the lines of its fence
# Notes 1..notes:
#	NOTELINE	the line of its fence in the notes
#	OF ABOUT SUM	file, definition (or ""), checksum (or "")
#	QUOTES, QUOTE[t, k], QUOTELINE[t, k]

function read_note(record,    k, n, word) {
	mdlines++
	MD[mdlines] = record
	if (fence == "diff") {
		if (record ~ /^```[ \t]*$/) { fence = ""; BLOCKEND[blocks] = mdlines; return }
		k = ++QUOTES[notes]
		QUOTE[notes, k] = record
		QUOTELINE[notes, k] = mdlines
		return
	}
	if (fence == "whole") {
		if (record ~ /^```[ \t]*$/) { fence = ""; BLOCKEND[blocks] = mdlines }
		else add_whole(record)
		return
	}
	if (fence == "other") {
		if (record ~ /^```[ \t]*$/) fence = ""
		add_prose(record)
		return
	}
	if (record ~ /^```diff([ \t]|$)/) {
		fence = "diff"
		notes++
		QUOTES[notes] = 0
		OF[notes] = ABOUT[notes] = SUM[notes] = ""
		NOTELINE[notes] = mdlines
		n = split(record, word, /[ \t]+/)
		for (k = 2; k <= n; k++) {
			if (word[k] ~ /^#/) SUM[notes] = substr(word[k], 2)
			else if (OF[notes] == "") OF[notes] = word[k]
			else ABOUT[notes] = (ABOUT[notes] == "" ? "" : ABOUT[notes] " ") word[k]
		}
		new_block("note")
		NOTE[blocks] = notes
		NOTEBLOCK[notes] = blocks
		return
	}
	if (record ~ /^```(new|old)[ \t]/) {
		fence = "whole"
		new_block(substr(record, 4, 3))
		add_whole(substr(record, 8))
		return
	}
	if (record ~ /^```/) { fence = "other"; add_prose(record); return }
	if (record ~ /^# /) { heading = substr(record, 3); in_block = 0; return }
	if (record ~ /^## /) {
		new_block("heading")
		PROSE[blocks] = substr(record, 4)
		in_block = 0
		return
	}
	if (record ~ /^---[ \t]*$/) { in_block = 0; return }	# ends a note's prose
	if (record ~ /^<!--.*-->[ \t]*$/) {
		if (record ~ /^<!-- (spine|breadth|rest) -->/) { split(record, word, " "); register = word[2] }
		return
	}
	add_prose(record)
}

function new_block(kind) {
	blocks++
	BLOCK[blocks] = kind
	PROSE[blocks] = ""
	BLOCKLINE[blocks] = mdlines
	in_block = 1
}

# Files that come ("new") or end ("old") as a whole; one that does both takes another's place ("swap").
# "new * but FILES": all others come.
function add_whole(names,    k, n, word, but) {
	n = split(names, word, /[ \t]+/)
	for (k = 1; k <= n; k++) {
		if (word[k] == "") continue
		FILES_OF[blocks] = FILES_OF[blocks] (FILES_OF[blocks] == "" ? "" : " ") word[k]
		if (word[k] == "*") ALL_COME = 1
		else if (ALL_COME && word[k] == "but") but = 1
		else if (but) STAYS[word[k]] = 1
		else if (!(word[k] in WHOLE)) WHOLE[word[k]] = BLOCK[blocks]
		else if (WHOLE[word[k]] != BLOCK[blocks]) WHOLE[word[k]] = "swap"
		if (!(word[k] in WHOLELINE)) WHOLELINE[word[k]] = mdlines
	}
}

function add_prose(s) {
	if (!in_block) {
		if (trim(s) == "")
			return
		new_block("prose")
	}
	PROSE[blocks] = PROSE[blocks] (PROSE[blocks] == "" ? "" : "\n") s
}
