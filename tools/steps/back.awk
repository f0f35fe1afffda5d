# back.awk - a step, taken back.
#
# The notes of a step quote what it brought and what it replaced, so they ARE the difference. From the
# tree after the step (FROM) come the lines of the tree before it, and on the way the
# difference as read.awk keeps it: read_change() is told every line, OWNER[c] is the note that quotes change c,
# 0 when none does, -1 when the line needs none.

# What a step does to a file: KIND[file] is "new", "old" (it ends), "swap" (both: another takes its place) or "edit".
function take_back(    f, k, t) {
	for (t = 1; t <= notes; t++)
		add_file(OF[t], "edit")
	while ((getline f < list) > 0)
		IN_TREE[f] = 1
	close(list)
	for (f in IN_TREE)
		if (ALL_COME && !(f in STAYS) && !(f in KIND))
			WHOLE[f] = f in WHOLE && WHOLE[f] == "old" ? "swap" : "new"
	for (f in WHOLE) {
		add_file(f, WHOLE[f])
		news += WHOLE[f] == "new"
	}
	for (f in IN_TREE)
		if (!(f in KIND) && includes_new(f))
			add_file(f, "edit")
	sort_files()
	for (k = 1; k <= nfiles; k++)
		file_back(FILES[k])
}

function add_file(f, kind) {
	if (!(f in KIND)) FILES[++nfiles] = f
	if (!(f in KIND) || kind != "edit") KIND[f] = kind
}

function sort_files(    i, j, f) {
	for (i = 2; i <= nfiles; i++) {
		f = FILES[i]
		for (j = i - 1; j >= 1 && FILES[j] > f; j--)
			FILES[j + 1] = FILES[j]
		FILES[j + 1] = f
	}
}

function file_back(f) {
	if (mode == "back" && KIND[f] != "edit" && (f in IN_TREE) == (KIND[f] != "old")) {
		# only the tree is asked for
		print KIND[f] "\t" f "\t" (KIND[f] == "new" ? "" : ending(f)) > plan
		return
	}
	if (KIND[f] == "old") {
		if (f in IN_TREE)
			complain(md ":" WHOLELINE[f], f " is still there in step " number ": a file that ends is not, or another takes its place (```new)")
		load(ending(f))
		MARK = "-"
	} else {
		if (!(f in IN_TREE)) {
			complain(md ":" (f in WHOLELINE ? WHOLELINE[f] : first_line_of(f)), "there is no " f " in step " number like_it(f))
			return
		}
		load(from "/" f)
		delete SAME[f]
	}
	split("", GONE)
	split("", BEFORE)
	split("", AFTER)
	split("", OWN)
	quotes_back(f)
	if (KIND[f] == "edit") includes_back()
	tell(f)
	if (KIND[f] != "edit") print KIND[f] "\t" f "\t" (KIND[f] == "new" ? "" : ending(f)) > plan
	else if (to != "") put_back(f)
}

# The last version of a file that ends: beside the notes, or, when it is stage 6's, there.
function ending(f) {
	if (!(f in ENDING)) ENDING[f] = last_version(f)
	return ENDING[f]
}

function last_version(f,    line, path) {
	path = beside "/" f
	if ((getline line < path) > 0) { close(path); return path }
	path = parent "/" f
	if (parent != "" && (getline line < path) > 0) { close(path); return path }
	complain(md ":" WHOLELINE[f], "the last version of " f " is missing: it stands in " beside "/, or is that of " parent)
	return "/dev/null"
}

function first_line_of(f,    t) {
	for (t = 1; t <= notes; t++)
		if (OF[t] == f) return NOTELINE[t]
}

function like_it(f,    g, base, best) {
	base = f
	sub(/.*\//, "", base)
	for (g in IN_TREE)
		if (g == base || substr(g, length(g) - length(base)) == "/" base)
			if (best == "" || g < best) best = g
	return best == "" ? "" : "; is it " best "?"
}

# ------------------------------------------------------------------- quotes

function quotes_back(f,    t) {
	for (t = 1; t <= notes; t++)
		if (OF[t] == f && place(t))
			quote_back(t)
}

function quote_back(t,    k, last, i, note) {
	last = 0			# the visible item before this one
	for (k = 1; k <= nq; k++) {
		if (QS[k] == "-" && MARK == "+") {
			if (KIND[OF[t]] != "edit")
				complain(md ":" QUOTELINE[t, k], OF[t] " comes whole with this step: no line of it was there before")
			else if (last && !gap_above(k)) bring_back(AFTER, SPOT[last], t, k)
			else if (next_visible(k)) bring_back(BEFORE, SPOT[next_visible(k)], t, k)
			else complain(md ":" QUOTELINE[t, k], "`...` cannot stand for lines that are gone: only this note has them")
		}
		if (QS[k] != " " && QS[k] != MARK)
			continue
		if (QS[k] == MARK) {
			claim(SPOT[k], t)
			if (last && QS[last] == MARK && gap_above(k))
				for (i = SPOT[last] + 1; i < SPOT[k]; i++)
					claim(i, t)
		}
		last = k
	}
}

# Item k of note t returns before or after line i.
function bring_back(list, i, t, k,    so_far) {
	so_far = i in list ? list[i] : ""
	list[i] = so_far t "\t" substr(QUOTE[t, k], 2) "\n"
}

# Is there a "..." between item k and the visible item above it?
function gap_above(k) {
	for (k--; k >= 1 && QS[k] != " " && QS[k] != MARK; k--)
		if (QS[k] == ".") return 1
	return 0
}

function next_visible(k) {
	for (k++; k <= nq; k++)
		if (QS[k] == " " || QS[k] == MARK) return k
	return 0
}

function claim(i, t) {
	if (i in OWN && OWN[i] != t) {
		if (!((t, OWN[i]) in QUARREL))
			complain(md ":" NOTELINE[t], "overlaps the note of line " NOTELINE[OWN[i]] ", at " where_is(OF[t], i) " `" trim(L[i]) "`")
		QUARREL[t, OWN[i]] = 1
		return
	}
	GONE[i] = 1
	OWN[i] = t
}

# ------------------------------------------------------------------ includes

# A file that includes one that comes with this step does so from this step on.
function includes_back(    i) {
	for (i = 1; i <= nl; i++)
		if (brings(included(L[i])) && !(i in OWN)) { GONE[i] = 1; OWN[i] = -1 }
}

function brings(f) { return f in WHOLE && WHOLE[f] == "new" }

function included(s) { return s ~ /^#include "/ ? substr(s, 11, index(substr(s, 11), "\"") - 1) : "" }

function includes_new(f,    s, found) {
	if (!news)
		return 0
	while (!found && (getline s < (from "/" f)) > 0)
		found = s ~ /^#include "/ && brings(included(s))
	close(from "/" f)
	return found
}

# ------------------------------------------------------------------- telling

# E[1..ne]: the lines of both versions in their order, ES their signs, EN definitions, EO owners.
function element(sign, text, name, owner) {
	ne++
	E[ne] = text
	ES[ne] = sign
	EN[ne] = name
	EO[ne] = owner
}

function returned(list, name,    n, k, row, tab) {
	n = split(list, row, "\n")
	for (k = 1; k < n; k++) {
		tab = index(row[k], "\t")
		element("-", substr(row[k], tab + 1), name, substr(row[k], 1, tab - 1) + 0)
	}
}

function tell(f,    i, e, whole) {
	ne = 0
	whole = KIND[f] == "edit" ? " " : MARK
	for (i = 1; i <= nl; i++) {
		if (i in BEFORE) returned(BEFORE[i], LN[i])
		element(i in GONE ? MARK : whole, L[i], LN[i], OWN[i] + 0)
		if (i in AFTER) returned(AFTER[i], LN[i])
	}
	if (whole == " ") close_seams()
	read_change("F\t" f)
	for (e = 1; e <= ne; e++) {
		read_change(ES[e] EN[e] "\t" E[e])
		if (ES[e] == " ") continue
		OWNER[changes] = EO[e]
		if (EO[e] > 0) {
			if (!FIRST[EO[e]]) FIRST[EO[e]] = changes
			LAST[EO[e]] = changes
		}
	}
}

# Where lines have gone, two blank lines meet, or a blank line stands first or last in its block: it has
# come with them.
function close_seams(    e, p, q, seam, owner) {
	p = seam = 0			# the last line that was there before; has anything gone since?
	for (e = 1; e <= ne; e++) {
		if (ES[e] == "+") { seam = 1; if (EO[e]) owner = EO[e]; continue }
		if (ES[e] == " " && E[e] == "") {
			for (q = e + 1; q <= ne && ES[q] == "+"; q++)
				;
			if ((seam && (!p || E[p] == "" || E[p] ~ /\{$/)) || ((seam || q > e + 1) && (q > ne || E[q] ~ /^[ \t]*\}/))) {
				ES[e] = "+"
				EO[e] = seam ? owner : EO[e + 1]
				continue
			}
		}
		p = e
		seam = 0
	}
}

function put_back(f,    e) {
	printf "" > (to "/" f)
	for (e = 1; e <= ne; e++)
		if (ES[e] != "+")
			print E[e] > (to "/" f)
	close(to "/" f)
}
