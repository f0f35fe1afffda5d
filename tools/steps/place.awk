# place.awk - where a quote stands in a file.
#
# A fence is a list of items: "+text" came with the step, "-text" was there before it, " text" is in both
# and only says where, "..." reaches to the nearest line that matches what follows. Lines that
# "..." spans between two "+" came with the step as well; elsewhere they are in both.
#
#	L[1..nl]	the lines of one file
#	LN[i] LK[i]	the definition in which line i stands; its text with white space folded
#	MARK		the sign of the items that are lines of this file: "+", or "-" for a file that ends

function slurp(path, lines,    line, count) {
	split("", lines)
	while ((getline line < path) > 0)
		lines[++count] = line
	close(path)
	return count + 0
}

function load(path,    i) {
	nl = slurp(path, L)
	name_lines(L, nl, LN)
	for (i = 1; i <= nl; i++)
		LK[i] = fold(L[i])
	MARK = "+"
}

function is_gap(s) { return trim(s) == "..." }
function visible(s) { return !is_gap(s) && (substr(s, 1, 1) == " " || substr(s, 1, 1) == MARK) }

# The keys of the items of note t, so that each is folded only once.
function prepare(t,    k, q) {
	split("", QK)
	nq = QUOTES[t]
	head = 0
	for (k = 1; k <= nq; k++) {
		q = QUOTE[t, k]
		if (is_gap(q)) QS[k] = "."
		else if (q == "") QS[k] = " "
		else QS[k] = substr(q, 1, 1)
		QK[k] = fold(substr(q, 2))
		if (!head && (QS[k] == " " || QS[k] == MARK))
			head = k
	}
}

# Does the prepared quote fit when its first visible item is line i? SPOT[k]: the line of item k.
# REACHED: the item at which the best try of all failed, INSTEAD: the line found there.
function fits(i, about,    k, gap) {
	for (k = head; k <= nq; k++) {
		if (QS[k] == ".") { gap = 1; continue }
		if (QS[k] != " " && QS[k] != MARK) continue
		while (gap && i <= nl && (about == "" || LN[i] == about) && LK[i] != QK[k])
			i++
		if (i > nl || (about != "" && LN[i] != about) || LK[i] != QK[k]) {
			if (k > head && k > REACHED) { REACHED = k; INSTEAD = gap || i > nl ? 0 : i }
			return 0
		}
		SPOT[k] = i++
		gap = 0
	}
	return 1
}

# The only line where note t fits; 0 when there is none, or more than one, and a problem is noted.
function place(t,    i, hits, at, second) {
	if (!well_quoted(t))
		return 0
	prepare(t)
	if (!head) {
		complain(md ":" NOTELINE[t], "nothing here says where these lines were: quote a line that stays, with a blank in front")
		return 0
	}
	if (ABOUT[t] != "" && !has_name(ABOUT[t])) {
		complain(md ":" NOTELINE[t], "no definition `" ABOUT[t] "` in " where_is(OF[t]) "; there are " all_names())
		return 0
	}
	REACHED = INSTEAD = 0
	for (i = 1; i <= nl; i++) {
		if (LK[i] != QK[head] || (ABOUT[t] != "" && LN[i] != ABOUT[t]) || !fits(i, ABOUT[t]))
			continue
		if (++hits == 1) at = i
		else if (hits == 2) second = i
	}
	if (hits == 1) {
		fits(at, ABOUT[t])
		return at
	}
	if (hits)
		complain(md ":" NOTELINE[t], "the quote fits " hits " places, " where_is(OF[t], at) " and " where_is(OF[t], second) \
			" among them; name the definition or quote one more line")
	else
		not_there(t)
	return 0
}

function well_quoted(t,    k, q) {
	for (k = 1; k <= QUOTES[t]; k++) {
		q = QUOTE[t, k]
		if (is_gap(q)) {
			if (k == 1 || k == QUOTES[t] || is_gap(QUOTE[t, k - 1])) {
				complain(md ":" QUOTELINE[t, k], "`...` stands between two quoted lines")
				return 0
			}
		} else if (q != "" && q !~ /^[-+ \t]/) {
			complain(md ":" QUOTELINE[t, k], "a quoted line begins with `+`, `-` or a blank: `" q "`")
			return 0
		}
	}
	if (!QUOTES[t])
		complain(md ":" NOTELINE[t], "the fence quotes nothing")
	return QUOTES[t]
}

# ------------------------------------------------------------------- helping

function complain(where, text) { PROBLEM[++problems] = where ": " text }

# Where to look: in the sources of the stage, if this line is there; otherwise in the tree of this step.
function where_is(file, i,    line, n, at, path) {
	path = source "/" file
	if (same_as_source(file))
		return path (i ? ":" i : "")
	while (source != "" && i && (getline line < path) > 0) {
		n++
		if (line == L[i] && (!at || n <= i)) at = n
	}
	close(path)
	return at && trim(L[i]) ~ /[A-Za-z]/ ? path ":" at : file (i ? ":" i : "") " of step " number
}

function same_as_source(file,    line, k, same) {
	if (file in SAME)
		return SAME[file]
	same = source != ""
	while (same && (getline line < (source "/" file)) > 0)
		if (line != L[++k]) same = 0
	close(source "/" file)
	return SAME[file] = same && k == nl
}

function has_name(name,    i) {
	for (i = 1; i <= nl; i++)
		if (LN[i] == name) return 1
	return 0
}

function all_names(    i, seen, s) {
	for (i = 1; i <= nl; i++)
		if (LN[i] != "" && !(LN[i] in seen)) {
			seen[LN[i]] = 1
			s = s (s == "" ? "" : ", ") LN[i]
		}
	return s == "" ? "none" : s
}

# In words, or, where one word is all that changed, in the letters at both ends; 0..1.
function alike(a, b,    n, m, k, e, words) {
	words = likeness(a, b)
	a = trim(a)
	b = trim(b)
	n = length(a)
	m = length(b)
	for (k = 0; k < n && k < m && substr(a, k + 1, 1) == substr(b, k + 1, 1); k++)
		;
	for (e = 0; e < n - k && e < m - k && substr(a, n - e, 1) == substr(b, m - e, 1); e++)
		;
	k = k + e < 4 ? 0 : 0.9 * (k + e) / (n > m ? n : m)
	return words > k ? words : k
}

function not_there(t,    k, i, s, best, score) {
	k = REACHED ? REACHED : head
	for (i = 1; i <= nl; i++)
		if (LK[i] == QK[k] && ABOUT[t] != "" && LN[i] != ABOUT[t] && LK[i] ~ /[A-Za-z]/) {
			complain(md ":" QUOTELINE[t, k], "this line is not in `" ABOUT[t] "` but " (LN[i] == "" ? "between definitions" : "in `" LN[i] "`") ", " where_is(OF[t], i))
			return
		}
	if (INSTEAD) best = INSTEAD
	for (i = 1; i <= nl && !INSTEAD; i++) {
		s = alike(QK[k], L[i]) + (ABOUT[t] != "" && LN[i] == ABOUT[t] ? 0.2 : 0)
		if (s > 0.4 && s > score) { score = s; best = i }
	}
	complain(md ":" QUOTELINE[t, k], "no such line in " OF[t] (ABOUT[t] == "" ? "" : ", " ABOUT[t]) \
		(REACHED ? ", after the lines quoted above it" : "") ": `" trim(substr(QUOTE[t, k], 2)) "`" \
		(best ? (INSTEAD ? "; there is " : "; nearest is ") where_is(OF[t], best) " `" trim(L[best]) "`" : "; nothing there is like it"))
}
