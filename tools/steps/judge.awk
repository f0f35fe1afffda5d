# judge.awk - are the notes of a step true, and do they say enough?
#
# Every line that changes in a file that stays is a line of a note, because only so is it part of the step. What comes
# whole is told by a tour: notes on some of its lines.
#
#	register	of the lines that come whole		and of functions
#	spine		40 % are quoted				each one over 15 lines, at least in half
#	breadth		15 %					the longest
#	rest		nothing is asked: it is not told yet

function judge(    t, b) {
	if (register == "rest")
		return
	for (t = 1; t <= notes; t++)
		if (FIRST[t]) inspect_note(t)
	for (b = 1; b <= blocks; b++)
		if (BLOCK[b] ~ /^(new|old)$/ && !has_prose(b))
			complain(md ":" BLOCKLINE[b], "no prose below the fence")
	tour()
}

function inspect_note(t,    count, sum) {
	count = covered(t)
	if (count > 60)
		complain(md ":" NOTELINE[t], "covers " count " lines; 60 are as many as one note can explain, so split it")
	if (!has_prose(NOTEBLOCK[t]))
		complain(md ":" NOTELINE[t], "no prose below the fence")
	sum = checksum(t)
	if (SUM[t] == "")
		complain(md ":" NOTELINE[t], "no checksum; read the prose beside the code, then run `make bless " number "`")
	else if (SUM[t] != sum)
		complain(md ":" NOTELINE[t], "the code of this note is not what it was (#" SUM[t] ", now #" sum "); re-read the prose, then run `make bless " number "`")
}

function covered(t,    c, n) {
	for (c = FIRST[t]; c <= LAST[t]; c++)
		n += OWNER[c] == t
	return n
}

# Fences that follow each other directly share the prose below the last of them.
function has_prose(b,    s) {
	s = PROSE[b]
	gsub(/[ \t\n]+/, "", s)
	if (s == "" && b < blocks && BLOCK[b + 1] ~ /^(note|new|old)$/ && BLOCKLINE[b + 1] - BLOCKEND[b] <= 2)
		return has_prose(b + 1)
	return s != "" && s != "TODO"
}

# -------------------------------------------------------------------- counts

function count_lines(    c, f, k) {
	for (c = 1; c <= changes; c++) {
		f = FILENAMES[FILE[AT[c]]]
		k = KIND[f]
		if (k == "edit") changed++
		else if (SIGN[AT[c]] == "+") {
			brought++
			if (!blank(c)) { whole++; if (OWNER[c] > 0) told++ }
		} else ended++
	}
}

function percent(a, b) { return b ? int(100 * a / b) : 100 }

function tour(    share) {
	share = register == "breadth" ? 15 : 40
	if (whole >= 15 && told * 100 < share * whole)
		complain(md ":1", percent(told, whole) " % of the " whole " lines that come whole are quoted; " share " % should be")
	functions()
}

# The functions that come whole: are those quoted that have to be?
function functions(    c, g, f, name, key, n, k, longest) {
	for (c = 1; c <= changes; c++) {
		g = AT[c]
		f = FILENAMES[FILE[g]]
		name = NAME[g]
		if (KIND[f] == "edit" || SIGN[g] != "+" || name == "" || name ~ / /)
			continue
		key = f "\t" name
		if (!(key in LINES)) { KEYS[++n] = key; START[key] = c }
		LINES[key]++
		if (OWNER[c] > 0) TOLD[key]++
		if (LINES[key] > LINES[longest]) longest = key
	}
	for (k = 1; k <= n; k++) {
		key = KEYS[k]
		if (LINES[key] <= 15 || 2 * TOLD[key] >= LINES[key] || (register == "breadth" && key != longest))
			continue
		f = key
		sub(/\t.*/, "", f)
		complain(where_is_new(f) ":" NEWNO[AT[START[key]]], NAME[AT[START[key]]] ", " LINES[key] " lines, comes with this step, and " \
			(TOLD[key] ? "its notes quote only " TOLD[key] " of them" : "no note quotes it"))
	}
}

function where_is_new(f) { return f in SAME && !SAME[f] ? "step " number ", " f : source "/" f }

function report() {
	printf "%s: ", md
	if (register == "rest")
		printf "%d lines in files that come whole, %d lines that change: not told yet\n", brought, changed
	else
		printf "%d lines whole (%d %% quoted), %d lines changed, %d fences, %d notes\n", brought, percent(told, whole), changed, notes, texts()
}

function texts(    b, n, s) {
	for (b = 1; b <= blocks; b++) {
		s = PROSE[b]
		gsub(/[ \t\n]+/, "", s)
		n += BLOCK[b] ~ /^(note|new|old)$/ && s != ""
	}
	return n + 0
}
