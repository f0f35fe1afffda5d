# stub.awk - the differ's stream -> fences that back.awk can take back.
#
# A fence is as short as it may be: the first line, "...", the last, and as many lines that stay in front as make its place clear.

BEGIN { FS = "\t"; OF[0] = ABOUT[0] = "" }
/^F\t/ { flush_file(); file = $2; ns = 0; next }
{ ns++; S[ns] = substr($0, 1, 1); SN[ns] = substr($1, 2); ST[ns] = substr($0, index($0, "\t") + 1) }
END { flush_file(); tour_stubs() }

# S[1..ns]: the signs of both versions' lines, ST texts, SN definitions; SJ[s]: its number in the new file.
function flush_file(    s, from, to) {
	if (!ns) return
	nl = 0
	MARK = "+"
	for (s = 1; s <= ns; s++) {
		SJ[s] = 0
		if (S[s] == "-") continue
		L[++nl] = ST[s]
		LN[nl] = SN[s]
		LK[nl] = fold(ST[s])
		SJ[s] = nl
		FRESH[nl] = S[s] == "+"
	}
	for (s = 1; s <= ns; s = to + 1) {
		to = s
		if (S[s] == " ") continue
		from = s
		while (to < ns && S[to + 1] != " ") to++
		run(from, to)
	}
	ns = 0
}

# Changed lines from..to, removed ones first. A fence a definition.
function run(from, to,    s, m, g, a, n, k, at, first, last, of, lo, hi) {
	m = from - 1
	while (m < to && S[m + 1] == "-") m++
	if (m == to) { only_removed(from, to); return }
	for (a = m + 1; a <= to; a = g + 1) {
		for (g = a; g < to && (SN[g + 1] == SN[g] || all_blank(a, g)); g++)
			;
		if (all_blank(a, g) && n) { last[n] = g; continue }
		n++
		first[n] = a
		last[n] = g
	}
	# removed lines go with the added ones of their definition, as far as that keeps their order
	at = 1
	for (s = from; s <= m; s++) {
		for (k = at; k <= n; k++) if (SN[last[k]] == SN[s]) { at = k; break }
		of[s] = at
	}
	for (k = 1; k <= n; k++) {
		lo = 0; hi = -1
		for (s = from; s <= m; s++) if (of[s] == k) { if (!lo) lo = s; hi = s }
		quote_run(lo, hi, first[k], last[k])
	}
}

function all_blank(a, b) { for (; a <= b; a++) if (ST[a] != "") return 0; return 1 }

# Removed lines o1..o2 (none: 0..-1), then added ones a..b of one definition.
# The #include of a file that comes needs no note.
function all_included(a, b,    f) {
	for (; a <= b; a++) {
		f = ST[a]
		if (f !~ /^#include "/) return 0
		gsub(/^#include "|".*$/, "", f)
		if (index(" " come " ", " " f " ") == 0) return 0
	}
	return 1
}

function quote_run(o1, o2, a, b,    ctx, tail, head_lines, mode, k) {
	if (o2 < o1 && all_included(a, b))
		return
	if (o2 < o1) {
		while (a < b && ST[b] == "" && goes_with(a, b)) b--
		while (a < b && ST[a] == "" && opens(b)) a++
	}
	for (mode = 1; mode <= 2; mode++)
		for (ctx = 0; ctx <= 6; ctx++)
			for (tail = 1; tail <= 4; tail++)
				for (head_lines = 1; head_lines <= 3; head_lines++) {
					if (mode == 2 && (tail > 1 || head_lines > 1)) continue
					if (mode == 1 && b - a + 1 <= head_lines + tail + 1) continue
					if (!context(a, b, ctx)) continue
					build(o1, o2, a, b, ctx, mode == 1 ? head_lines : 0, tail)
					if (holds(SN[b], a, b)) { emit(SN[b]); return }
				}
	# no place by what stands before it: the whole of it, and what follows
	for (ctx = 1; ctx <= 8; ctx++) {
		build(o1, o2, a, b, 0, 0, 0)
		for (k = SJ[b] + 1; k <= SJ[b] + ctx && k <= nl && !FRESH[k]; k++) add_item(" " L[k])
		if (holds(SN[b], a, b)) { emit(SN[b]); return }
		if (holds("", a, b)) { emit(""); return }
	}
	for (ctx = 1; ctx <= 8; ctx++) {
		if (SJ[a] - ctx < 1 || FRESH[SJ[a] - ctx]) break
		build(o1, o2, a, b, ctx, 0, 0)
		if (holds("", a, b)) { emit(""); return }
	}
	print "stub: no place for lines " SJ[a] " to " SJ[b] " of " file > "/dev/stderr"
	build(o1, o2, a, b, 0, 0, 0)
	emit(SN[b])
}

# Will the blank line at the end of a..b go by itself when the others have gone? (See close_seams.)
function goes_with(a, b,    p) {
	for (p = a - 1; p >= 1 && S[p] == "+"; p--)
		;
	return p < 1 || ST[p] == "" || ST[p] ~ /\{$/ || b == ns || ST[b + 1] ~ /^[ \t]*\}/
}

# The same for the one at the beginning.
function opens(b) { return b == ns || (S[b + 1] != "+" && ST[b + 1] ~ /^[ \t]*\}/) }

function context(a, b, ctx,    k) {
	for (k = SJ[a] - ctx; k < SJ[a]; k++)
		if (k < 1 || LN[k] != SN[b] || FRESH[k]) return 0
	return 1
}

function add_item(s) { QUOTE[0, ++QUOTES[0]] = s }

function build(o1, o2, a, b, ctx, lead, tail,    k) {
	QUOTES[0] = 0
	for (k = SJ[a] - ctx; k < SJ[a]; k++) add_item(" " L[k])
	for (k = o1; k <= o2; k++) add_item("-" ST[k])
	if (!lead) { for (k = a; k <= b; k++) add_item("+" ST[k]); return }
	for (k = a; k < a + lead; k++) add_item("+" ST[k])
	add_item("...")
	for (k = b - tail + 1; k <= b; k++) add_item("+" ST[k])
}

function one_place(about,    i, hits, at) {
	prepare(0)
	for (i = 1; i <= nl; i++)
		if (LK[i] == QK[head] && (about == "" || LN[i] == about) && fits(i, about)) {
			if (++hits > 1) return 0
			at = i
		}
	if (at) fits(at, about)
	return at
}

function holds(about, a, b,    k, first, last) {
	if (!one_place(about)) return 0
	for (k = 1; k <= nq; k++)
		if (QS[k] == "+") { if (!first) first = SPOT[k]; last = SPOT[k] }
	return first == SJ[a] && last == SJ[b]
}

# Removed lines alone: anchored by what stands before them, or behind.
function only_removed(from, to,    j, s, ctx, k, name) {
	for (s = from - 1; s >= 1 && !SJ[s]; s--)
		;
	j = s >= 1 ? SJ[s] : 0
	for (ctx = 1; ctx <= 8 && j - ctx + 1 >= 1; ctx++) {
		QUOTES[0] = 0
		name = LN[j]
		for (k = j - ctx + 1; k <= j; k++) { add_item(" " L[k]); if (LN[k] != name) name = "" }
		for (k = from; k <= to; k++) add_item("-" ST[k])
		if (one_place(name)) { emit(name); return }
	}
	for (ctx = 1; ctx <= 8; ctx++) {
		QUOTES[0] = 0
		for (k = from; k <= to; k++) add_item("-" ST[k])
		for (k = j + 1; k <= j + ctx && k <= nl; k++) add_item(" " L[k])
		if (one_place("")) { emit(""); return }
	}
	print "stub: no place for what has gone after line " j " of " file > "/dev/stderr"
}

function emit(about,    k) {
	print "```diff " file (about == "" ? "" : " " about)
	for (k = 1; k <= QUOTES[0]; k++) print QUOTE[0, k]
	print "```\nTODO\n"
}

# Stops of a tour: the functions that have to be quoted.
function tour_stubs(    n, k, i, name, start) {
	n = split(come, name, " ")
	for (k = 1; k <= n; k++) {
		file = name[k]
		load(new "/" file)
		for (i = 1; i <= nl; i++) {
			if (LN[i] != LN[i - 1] || i == 1) start = i
			if (LN[i] == "" || LN[i] ~ / / || (i < nl && LN[i + 1] == LN[i]) || i - start < 15) continue
			print "```diff " file " " LN[i]
			print "+" L[start]
			print "..."
			print "+" L[i]
			print "```\nTODO\n"
		}
	}
}
