# show.awk - changes and prose for a terminal, or plain for a pipe.

function show(    b, t, c) {
	palette()
	print BOLD (heading == "" ? title : heading) PLAIN
	wrap(DIM summary() PLAIN, "", "")
	print ""
	for (b = 1; b <= blocks; b++) {
		if (BLOCK[b] == "heading")
			print "\n" BOLD "━━ " PROSE[b] " " rule((width > 84 ? 84 : width) - 4 - chars(PROSE[b])) PLAIN "\n"
		else if (BLOCK[b] == "prose")
			flow(PROSE[b], "")
		else {
			t = NOTE[b]
			if (FIRST[t])
				show_change(FIRST[t], LAST[t])
			else
				print RED "  the code of this note was not found; `make diffs-check` says why" PLAIN "\n"
			flow(PROSE[b], YELLOW "▌ " PLAIN)
		}
	}
	show_rest()
}

# What no note explains: all of it, when two stages are compared that are not neighbours.
function show_rest(    c, end, f) {
	for (c = 1; c <= changes; c = end + 1) {
		end = c
		if (OWNER[c])
			continue
		while (end < changes && !OWNER[end + 1] && FILE[AT[end + 1]] == FILE[AT[c]] && \
		       AT[end + 1] - AT[end] <= 2 * CONTEXT + 1)
			end++
		if (notes && !f)
			print "\n" BOLD "━━ Not annotated yet " rule((width > 84 ? 84 : width) - 22) PLAIN "\n"
		f = 1
		show_change(c, end)
	}
}

function summary(    f, plus, minus) {
	for (f = 1; f <= files; f++) {
		plus += ADDED[f]
		minus += REMOVED[f]
	}
	return (heading == "" ? "" : title "   ") "+" (plus + 0) " −" (minus + 0) " lines in " (files + 0) (files == 1 ? " file" : " files") \
		(notes ? ", " notes " notes" : "")
}

function palette() {
	CONTEXT = 3
	if (!color)
		return
	PLAIN = "\033[0m"
	BOLD = "\033[1m"
	DIM = "\033[2m"
	ITALIC = "\033[3m"
	RED = "\033[31m"
	GREEN = "\033[32m"
	YELLOW = "\033[33m"
	CYAN = "\033[36m"
	REVERSE = "\033[7m"
	NOREVERSE = "\033[27m"
}

function rule(n,    s) {
	while (n-- > 0)
		s = s "━"
	return s
}

# Characters, not bytes; the marks of emphasis have no width.
function chars(s) {
	gsub(/\033\[[0-9]*m|[\001-\006\200-\277]/, "", s)
	return length(s)
}

# --------------------------------------------------------------------- code

function show_change(first, last,    f, from, to, g, quiet) {
	f = FILE[AT[first]]
	from = AT[first]
	to = AT[last]
	for (g = 0; g < CONTEXT && from > FROM[f] && SIGN[from - 1] == " "; g++)
		from--
	for (g = 0; g < CONTEXT && to < TO[f] && SIGN[to + 1] == " "; g++)
		to++
	print DIM "       " FILENAMES[f] (NAME[AT[first]] == "" ? "" : " › " NAME[AT[first]]) PLAIN
	for (g = from; g <= to; g++) {
		quiet = g
		while (quiet <= to && SIGN[quiet] == " ")
			quiet++
		if (g > AT[first] && quiet - g > 2 * CONTEXT + 1 && quiet <= AT[last]) {
			for (quiet -= CONTEXT; CONTEXT > seen; seen++)
				show_line(g++)
			seen = 0
			print DIM "   ⋮" PLAIN
			g = quiet
		}
		show_line(g)
	}
	print ""
}

function show_line(g,    s, k, paint, mark) {
	paint = SIGN[g] == "+" ? GREEN : SIGN[g] == "-" ? RED : ""
	if (PIECES[g])
		for (k = 1; k <= PIECES[g]; k++)
			s = s (k % 2 ? PIECE[g, k] : "\001" PIECE[g, k] "\002")
	else
		s = TEXT[g]
	put_code(sprintf("%4d %s ", SIGN[g] == "-" ? OLDNO[g] : NEWNO[g], SIGN[g]), s, paint)
}

# A line of code; too long a one goes on below, broken where a blank is near.
function put_code(gutter, s, paint,    room, cutat, lit) {
	room = width - length(gutter)
	s = untabbed(s)
	gutter = paint == "" ? DIM gutter PLAIN : paint gutter
	while (1) {
		cutat = chars(s) > room ? break_at(s, room) : length(s)
		put(gutter (lit ? REVERSE : ""), lit_up(substr(s, 1, cutat)) (color ? PLAIN : ""))
		lit = lit_after(substr(s, 1, cutat), lit)
		s = substr(s, cutat + 1)
		if (s == "")
			return
		gutter = paint sprintf("%10s", "")
		room = width - 10
	}
}

# Tabs become blanks up to every fourth column; the marks have no width.
function untabbed(s,    i, n, c, column, out) {
	n = length(s)
	for (i = 1; i <= n; i++) {
		c = substr(s, i, 1)
		if (c == "\t")
			c = substr("    ", 1, 4 - column % 4)
		if (c !~ /^[\001\002\200-\277]/)
			column += length(c)
		out = out c
	}
	return out
}

# How many bytes of s to print: up to the last blank in the second half, or as many
# as there is room for.
function break_at(s, room,    i, n, column, gap) {
	n = length(s)
	for (i = 1; i <= n && column <= room; i++) {
		if (substr(s, i, 1) == " " && column > room / 2)
			gap = i
		if (substr(s, i + 1, 1) !~ /[\001\002\200-\277]/)
			column++
	}
	return gap ? gap : i - 2
}

function lit_up(s) {
	gsub(/\001/, REVERSE, s)
	gsub(/\002/, NOREVERSE, s)
	return s
}

function lit_after(s, lit,    i) {
	for (i = 1; i <= length(s); i++) {
		if (substr(s, i, 1) == "\001") lit = 1
		if (substr(s, i, 1) == "\002") lit = 0
	}
	return lit
}

# -------------------------------------------------------------------- prose

# Markdown as far as a terminal needs it: paragraphs, lists, fences, tables, emphasis.
function flow(prose, bar,    n, row, i, line, hang) {
	n = split(prose, row, "\n")
	while (n && row[n] ~ /^[ \t]*$/)
		n--
	i = 1
	while (i <= n && row[i] ~ /^[ \t]*$/)
		i++
	for (; i <= n; i++) {
		line = row[i]
		if (line ~ /^[ \t]*$/)
			put(bar, "")
		else if (line ~ /^```/) {
			for (i++; i <= n && row[i] !~ /^```/; i++)
				put_sample(bar, row[i])
		} else if (line ~ /^\|/)
			put(bar, line)
		else if (line ~ /^#+ /) {
			sub(/^#+ /, "", line)
			put(bar, BOLD line PLAIN)
		} else {
			hang = ""
			if (match(line, /^ *([-*]|[0-9]+\.) +/))
				hang = sprintf("%" RLENGTH "s", "")
			while (i < n && goes_on(row[i + 1]))
				line = line " " trim(row[++i])
			wrap(marked(line), bar, hang)
		}
	}
	print ""
}

function goes_on(line) { return line !~ /^[ \t]*$/ && line !~ /^ *([-*]|[0-9]+\.) / && line !~ /^(```|\||#|!\[)/ }

function put(bar, s) {
	s = bar s
	sub(/[ \t]+$/, "", s)
	print s
}

function put_sample(bar, line) {
	put(bar, "    " (line ~ /^\$ / ? BOLD line PLAIN : DIM line PLAIN))
}

# Emphasis becomes marks: \001 code \002, \003 bold \004, \005 italic \006.
function marked(s,    i, n, c, out, code, bold, em) {
	while (match(s, /!?\[[^]]*\]\([^)]*\)/)) {	# a link keeps its text, a picture its caption
		c = substr(s, RSTART, RLENGTH)
		if (c ~ /^!/) c = "[figure: " substr(c, 3, index(c, "](") - 3) "]"
		else c = substr(c, 2, index(c, "](") - 2)
		s = substr(s, 1, RSTART - 1) c substr(s, RSTART + RLENGTH)
	}
	n = length(s)
	for (i = 1; i <= n; i++) {
		c = substr(s, i, 1)
		if (c == "`") {
			code = !code
			out = out (color ? "" : "`") (code ? "\001" : "\002")
		} else if (!code && substr(s, i, 2) == "**") {
			bold = !bold
			out = out (bold ? "\003" : "\004")
			i++
		} else if (!code && c == "*" && (em || substr(s, i + 1, 1) ~ /[A-Za-z0-9]/) && (em || i == 1 || substr(s, i - 1, 1) !~ /[A-Za-z0-9]/)) {
			em = !em
			out = out (em ? "\005" : "\006")
		} else
			out = out c
	}
	return out
}

function wrap(s, bar, hang,    n, word, k, line, used, room, first) {
	room = (width > 84 ? 84 : width) - (bar == "" ? 0 : 2)
	n = split(s, word, / +/)
	first = 1
	STYLE = ""
	for (k = 1; k <= n; k++) {
		if (word[k] == "" && k == 1)
			continue
		if (line != "" && used + 1 + chars(word[k]) > room) {
			put(bar, (first ? "" : hang) painted(line))
			first = 0
			line = word[k]
			used = length(hang) + chars(word[k])
		} else {
			used += chars(word[k]) + (line != "")
			line = line (line == "" ? "" : " ") word[k]
		}
	}
	put(bar, (first ? "" : hang) painted(line))
}

# Marks into colours; what is open at the end of a line is opened again on the next.
function painted(s,    i, n, c, out) {
	n = length(s)
	out = sgr()
	for (i = 1; i <= n; i++) {
		c = substr(s, i, 1)
		if (c ~ /[\001-\006]/) {
			if (c == "\001") STYLE = STYLE "c"
			if (c == "\003") STYLE = STYLE "b"
			if (c == "\005") STYLE = STYLE "i"
			if (c == "\002") sub(/c/, "", STYLE)
			if (c == "\004") sub(/b/, "", STYLE)
			if (c == "\006") sub(/i/, "", STYLE)
			out = out PLAIN sgr()
		} else
			out = out c
	}
	return out (STYLE == "" ? "" : PLAIN)
}

function sgr() {
	return (STYLE ~ /b/ ? BOLD : "") (STYLE ~ /i/ ? ITALIC : "") (STYLE ~ /c/ ? CYAN : "")
}
