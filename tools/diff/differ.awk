# differ.awk - the difference of two folders, as a stream that keeps every line:
#
#	F<TAB>server.c		a file that changed; its lines follow
#	 text			in both
#	-text			in the old one only
#	+text			in the new one only
#
# Input: a list of "name<TAB>old path<TAB>new path"; /dev/null where a side has none.
#
# Why not diff or git diff? Notes hang on changed lines. Two machines with two
# versions of diff, or one reader's git settings, disagree on which lines those
# are; this differ is the same everywhere. It is a patience diff: lines that occur
# once on both sides are the anchors, what lies between is solved by the longest
# common subsequence, and a block that could sit in several places is slid to
# where it reads best.

BEGIN { FS = "\t" }

{
	n = slurp($2, A)
	m = slurp($3, B)
	if (same())
		next
	split("", MATE)		# MATE[i] = j: old line i is new line j
	compare(1, n, 1, m)
	mark()
	settle(A, OLD, n, B, NEW, m)
	settle(B, NEW, m, A, OLD, n)
	print "F\t" $1
	emit()
}

function slurp(path, lines,    line, count) {
	split("", lines)
	while ((getline line < path) > 0)
		lines[++count] = line
	close(path)
	return count + 0
}

function same(    i) {
	if (n != m)
		return 0
	for (i = 1; i <= n; i++)
		if (A[i] "" != B[i] "")
			return 0
	return 1
}

# ------------------------------------------------------------------ matching

# Pair up the lines of A[a1..a2] and B[b1..b2].
function compare(a1, a2, b1, b2,    anchors, count, k, a, b) {
	while (a1 <= a2 && b1 <= b2 && A[a1] "" == B[b1] "")
		MATE[a1++] = b1++
	while (a1 <= a2 && b1 <= b2 && A[a2] "" == B[b2] "")
		MATE[a2--] = b2--
	if (a1 > a2 || b1 > b2)
		return
	count = unique_lines(a1, a2, b1, b2, anchors)
	if (!count) {
		longest_common(a1, a2, b1, b2)
		return
	}
	a = a1
	b = b1
	for (k = 1; k <= count; k++) {
		compare(a, anchors[k] - 1, b, anchors[k, "b"] - 1)
		a = anchors[k]
		b = anchors[k, "b"]
	}
	compare(a, a2, b, b2)
}

# The lines that occur exactly once on each side, in the longest series that
# keeps its order on both (patience sorting).
function unique_lines(a1, a2, b1, b2, anchors,    i, seen_a, seen_b, at, pile, top, back, lo, hi, mid, k) {
	for (i = a1; i <= a2; i++)
		seen_a[A[i]]++
	for (i = b1; i <= b2; i++) {
		seen_b[B[i]]++
		at[B[i]] = i
	}
	for (i = a1; i <= a2; i++) {
		if (seen_a[A[i]] != 1 || seen_b[A[i]] != 1)
			continue
		lo = 0
		hi = top
		while (lo < hi) {		# the first pile whose top lies below
			mid = int((lo + hi) / 2)
			if (at[A[pile[mid + 1]]] < at[A[i]]) lo = mid + 1
			else hi = mid
		}
		pile[lo + 1] = i
		back[i] = lo ? pile[lo] : 0
		if (lo == top)
			top++
	}
	i = pile[top]
	for (k = top; k >= 1; k--) {
		anchors[k] = i
		anchors[k, "b"] = at[A[i]]
		i = back[i]
	}
	return top + 0
}

# Lines with words weigh more than lone braces and blanks.
function longest_common(a1, a2, b1, b2,    i, j, best, take) {
	if ((a2 - a1 + 1) * (b2 - b1 + 1) > 1000000)
		return				# nothing in common worth the wait
	for (i = a2; i >= a1; i--)
		for (j = b2; j >= b1; j--) {
			best[i, j] = best[i + 1, j] > best[i, j + 1] ? best[i + 1, j] + 0 : best[i, j + 1] + 0
			if (A[i] "" == B[j] "") {
				take = best[i + 1, j + 1] + weight(A[i])
				if (take > best[i, j])
					best[i, j] = take
			}
		}
	i = a1
	j = b1
	while (i <= a2 && j <= b2) {
		if (A[i] "" == B[j] "" && best[i, j] == best[i + 1, j + 1] + weight(A[i]))
			MATE[i++] = j++
		else if (best[i + 1, j] + 0 >= best[i, j + 1] + 0)
			i++
		else
			j++
	}
}

function weight(s) { return s ~ /[A-Za-z0-9]/ ? 8 : s ~ /[^ \t]/ ? 2 : 1 }

# ------------------------------------------------------------------- sliding

# OLD[i] and NEW[j] are true for lines that only one side has.
function mark(    i) {
	split("", OLD)
	split("", NEW)
	for (i = 1; i <= m; i++)
		NEW[i] = 1
	for (i = 1; i <= n; i++) {
		if (i in MATE) { OLD[i] = 0; NEW[MATE[i]] = 0 }
		else OLD[i] = 1
	}
}

# A block of changed lines, alone in its place, that is followed by a copy of its first
# line may as well begin one line later. Choose the place that reads best.
function settle(lines, changed, count, others, changed2, count2,    i, j, from, to, len, up, down, at, best, score, s) {
	j = 1					# the other side's line beside i
	for (i = 1; i <= count; ) {
		while (j <= count2 && changed2[j])
			j++
		if (!changed[i]) { i++; j++; continue }
		from = i
		while (i <= count && changed[i])
			i++
		to = i - 1
		len = to - from + 1
		if (beside(from, to, changed, count, changed2, count2, j))
			continue
		up = 0
		while (from - up > 1 && !changed[from - up - 1] && lines[from - up - 1] "" == lines[to - up] "" && j - up - 1 >= 1 && !changed2[j - up - 1])
			up++
		down = 0
		while (to + down < count && !changed[to + down + 1] && lines[from + down] "" == lines[to + down + 1] "" && j + down <= count2 && !changed2[j + down])
			down++
		if (up + down == 0)
			continue
		best = -1
		for (at = from - up; at <= from + down; at++) {
			s = awkwardness(lines, at, at + len - 1)
			if (best < 0 || s <= score) { best = at; score = s }
		}
		for (at = from; at <= to; at++)
			changed[at] = 0
		for (at = best; at < best + len; at++)
			changed[at] = 1
		j += best - from		# as many common lines passed, or not yet
		i = best + len
	}
}

# Is there a change on the other side at the same place? Then this is a replacement
# and stays.
function beside(from, to, changed, count, changed2, count2, j) {
	return (j > 1 && changed2[j - 1]) || (j <= count2 && changed2[j])
}

# A block reads well when it begins after a blank line, at a low indent, with text.
function awkwardness(lines, from, to,    lead) {
	lead = lines[from]
	if (lead ~ /^[ \t]*$/)
		return 40
	match(lead, /^[ \t]*/)
	return 2 * RLENGTH + (from > 1 && lines[from - 1] !~ /^[ \t]*$/) + (lead ~ /^[ \t]*}/ ? 4 : 0)
}

function emit(    i, j) {
	i = j = 1
	while (i <= n || j <= m) {
		if (i <= n && OLD[i]) print "-" A[i++]
		else if (j <= m && NEW[j]) print "+" B[j++]
		else { print " " A[i++]; j++ }
	}
}
