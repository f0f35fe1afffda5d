# match.awk - which note owns which change.
#
# A note owns the changed lines from the first that it quotes to the last, in one
# file and, when it names a definition, inside it. "..." reaches to the nearest line that
# matches what follows. After resolve():
#	OWNER[c]		the note that owns change c, or 0
#	FIRST[t] LAST[t]	the changes that note t owns, or 0
#	PROBLEM[1..problems]	"file:line: what is wrong"

function problem(where, text) { PROBLEM[++problems] = where ": " text }
function of_note(t) { return md ":" NOTELINE[t] }
function of_change(c,    g) {
	g = AT[c]
	return SIGN[g] == "-" ? old "/" FILENAMES[FILE[g]] ":" OLDNO[g] : new "/" FILENAMES[FILE[g]] ":" NEWNO[g]
}
function inside(c) { return NAME[AT[c]] == "" ? "" : "in " NAME[AT[c]] ", " }
function shown(c) { return "`" SIGN[AT[c]] trim(TEXT[AT[c]]) "`" }

function resolve(    t, c) {
	for (t = 1; t <= notes; t++)
		place(t)
	adopt_blanks()
	for (t = 1; t <= notes; t++)
		if (FIRST[t])
			inspect(t)
	for (c = 1; c <= changes; c++)
		if (!OWNER[c] && (c == 1 || OWNER[c - 1] || RUN[c] != RUN[c - 1]))
			unexplained(c)
}

# ------------------------------------------------------------------- placing

function place(t,    c, end, hits, first, last, second, worst) {
	FIRST[t] = LAST[t] = 0
	if (!(OF[t] in FILENO)) {
		problem(of_note(t), OF[t] == "" ? "the fence names no file" : \
			"no change in a file `" OF[t] "`; changed are " listed_files())
		return
	}
	if (!well_formed(t))
		return
	if (ABOUT[t] != "" && !is_changed(OF[t], ABOUT[t])) {
		problem(of_note(t), "nothing changed in `" ABOUT[t] "` of " OF[t] "; changed are " listed_names(OF[t]))
		return
	}
	reached = 0
	for (c = 1; c <= changes; c++) {
		if (!(end = match_at(t, c)))
			continue
		if (++hits == 1) { first = c; last = end }
		else if (hits == 2) second = c
	}
	if (!hits) {
		worst = reached ? reached : 1
		problem(md ":" QUOTELINE[t, worst], "no such change in " OF[t] (ABOUT[t] == "" ? "" : ", " ABOUT[t]) \
			(worst > 1 ? ", after the lines quoted above it" : "") ": `" QUOTE[t, worst] "`" \
			(reached && instead ? "; here comes " shown(instead) ", " of_change(instead) : nearest(t, QUOTE[t, worst])))
		return
	}
	if (hits > 1) {
		problem(of_note(t), "the quote fits " hits " places, " of_change(first) " and " of_change(second) \
			" among them; name the definition or quote one more line")
		return
	}
	for (c = first; c <= last; c++)
		if (OWNER[c]) {
			problem(of_note(t), "overlaps the note of line " NOTELINE[OWNER[c]] ", at " of_change(c) " " shown(c))
			return
		}
	FIRST[t] = first
	LAST[t] = last
	for (c = first; c <= last; c++)
		OWNER[c] = t
}

function well_formed(t,    k, q) {
	for (k = 1; k <= QUOTES[t]; k++) {
		q = QUOTE[t, k]
		if (trim(q) == "...") {
			if (k == 1 || k == QUOTES[t] || trim(QUOTE[t, k - 1]) == "...") {
				problem(md ":" QUOTELINE[t, k], "`...` stands between two quoted lines")
				return 0
			}
		} else if (q !~ /^[+-]/) {
			problem(md ":" QUOTELINE[t, k], "a quote holds changed lines (`+`, `-`) and `...` alone: `" q "`")
			return 0
		}
	}
	if (!QUOTES[t])
		problem(of_note(t), "the fence quotes no changed line")
	return QUOTES[t]
}

# Does note t fit when it begins at change c? Its last change, or 0.
function match_at(t, c,    k, gap, key) {
	for (k = 1; k <= QUOTES[t]; k++) {
		if (trim(QUOTE[t, k]) == "...") { gap = 1; continue }
		key = substr(QUOTE[t, k], 1, 1) fold(substr(QUOTE[t, k], 2))
		while (gap && belongs(t, c) && KEY[c] != key)
			c++
		if (!belongs(t, c) || KEY[c] != key) {
			if (k > 1 && k > reached) {
				reached = k
				instead = gap || !belongs(t, c) ? 0 : c
			}
			return 0
		}
		c++
		gap = 0
	}
	return c - 1
}

function belongs(t, c) {
	return c <= changes && FILENAMES[FILE[AT[c]]] == OF[t] && (ABOUT[t] == "" || NAME[AT[c]] == ABOUT[t])
}

# Blank lines mean nothing by themselves: they go with the note before them, or after.
function adopt_blanks(    c) {
	for (c = 2; c <= changes; c++)
		if (!OWNER[c] && blank(c) && FILE[AT[c]] == FILE[AT[c - 1]])
			OWNER[c] = OWNER[c - 1]
	for (c = changes - 1; c >= 1; c--)
		if (!OWNER[c] && blank(c) && FILE[AT[c]] == FILE[AT[c + 1]])
			OWNER[c] = OWNER[c + 1]
}

# ------------------------------------------------------------------ judging

function inspect(t,    count, sum, prose) {
	count = LAST[t] - FIRST[t] + 1
	if (count > 60)
		problem(of_note(t), "covers " count " changed lines; 60 are as many as one note can explain, so split it")
	prose = PROSE[NOTEBLOCK[t]]
	gsub(/[ \t\n]+/, "", prose)
	if (prose == "" || prose == "TODO")
		problem(of_note(t), "no prose below the fence")
	sum = checksum(t)
	if (SUM[t] == "")
		problem(of_note(t), "no checksum; read the prose beside the code, then run `make bless " number "`")
	else if (SUM[t] != sum)
		problem(of_note(t), "the code of this note is not what it was (#" SUM[t] ", now #" sum "), " of_change(FIRST[t]) \
			" to " of_change(LAST[t]) "; re-read the prose, then run `make bless " number "`")
}

function unexplained(c,    end) {
	for (end = c; end < changes && !OWNER[end + 1] && RUN[end + 1] == RUN[c]; end++)
		;
	problem(of_change(c), inside(c) (end > c ? end - c + 1 " changed lines have" : "a changed line has") \
		" no note, from " shown(c) "; `make stub " number "` prints the fence")
}

# ------------------------------------------------------------------- helping

function listed_files(    f, s) {
	for (f = 1; f <= files; f++)
		s = s (f > 1 ? ", " : "") FILENAMES[f]
	return s == "" ? "no files at all" : s
}

function listed_names(file,    c, seen, s) {
	for (c = 1; c <= changes; c++)
		if (FILENAMES[FILE[AT[c]]] == file && NAME[AT[c]] != "" && !(NAME[AT[c]] in seen)) {
			seen[NAME[AT[c]]] = 1
			s = s (s == "" ? "" : ", ") NAME[AT[c]]
		}
	return s == "" ? "no definitions there, only lines between them" : s
}

function is_changed(file, name,    c) {
	for (c = 1; c <= changes; c++)
		if (FILENAMES[FILE[AT[c]]] == file && NAME[AT[c]] == name)
			return 1
	return 0
}

function nearest(t, quote,    c, s, best, score) {
	for (c = FROM[FILENO[OF[t]]]; c <= TO[FILENO[OF[t]]]; c++)
		if (SIGN[c] == " " && fold(TEXT[c]) == fold(substr(quote, 2)))
			return "; that line is in both, " new "/" OF[t] ":" NEWNO[c]
	score = 0.4
	for (c = 1; c <= changes; c++)
		if (FILENAMES[FILE[AT[c]]] == OF[t]) {
			s = likeness(substr(quote, 2), TEXT[AT[c]])
			if (substr(quote, 1, 1) == SIGN[AT[c]]) s += 0.5	# rather one of its own sign,
			if (ABOUT[t] != "" && NAME[AT[c]] == ABOUT[t]) s += 0.3		# in its own place
			if (s > score) { score = s; best = c }
		}
	return best ? "; nearest is " of_change(best) " " shown(best) : "; nothing there is like it"
}
