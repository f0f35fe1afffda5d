# words.awk - which words of a changed line changed.
#
# In a run, removed lines are paired with the added lines that are most like them,
# in order; a pair is compared word by word. PIECES[g] is then the line cut at the
# borders, PIECE[g, 1..]: odd pieces stayed, even ones changed.

# Words, runs of blanks, and everything else one by one.
function tokens(s, out,    n) {
	n = 0
	while (s != "") {
		if (match(s, /^[A-Za-z0-9_]+/) || match(s, /^[ \t]+/) || match(s, /^[\200-\377]+/)) ;
		else RLENGTH = 1
		out[++n] = substr(s, 1, RLENGTH)
		s = substr(s, RLENGTH + 1)
	}
	return n
}

# Letters in shared words by letters in all words, 0..1.
function likeness(a, b,    x, n, i, shared, la, lb, rest) {
	gsub(/[^A-Za-z0-9_]+/, " ", a)
	gsub(/[^A-Za-z0-9_]+/, " ", b)
	a = trim(a)
	rest = " " trim(b) " "
	n = split(a, x, / /)
	gsub(/ /, "", b)
	lb = length(b)
	for (i = 1; i <= n; i++) {
		la += length(x[i])
		if (x[i] != "" && index(rest, " " x[i] " ")) {
			shared += length(x[i])
			sub(" " x[i] " ", " ", rest)	# each word answers once
		}
	}
	if (la < lb) la = lb
	return la ? shared / la : 0
}

function pair_words(    c, minus, plus) {
	for (c = 1; c <= changes; c = plus) {
		for (minus = c; minus <= changes && RUN[minus] == RUN[c] && KEY[minus] ~ /^-/; minus++)
			;
		for (plus = minus; plus <= changes && RUN[plus] == RUN[c] && KEY[plus] ~ /^\+/; plus++)
			;
		if (minus > c && plus > minus)
			pair_lines(c, minus - c, minus, plus - minus)
	}
}

# The pairing with the greatest sum of likeness, in order.
function pair_lines(m0, n, p0, m,    i, j, like, best) {
	if (n * m > 4000)
		return
	for (i = n; i >= 1; i--)
		for (j = m; j >= 1; j--) {
			like[i, j] = likeness(TEXT[AT[m0 + i - 1]], TEXT[AT[p0 + j - 1]])
			best[i, j] = best[i + 1, j] > best[i, j + 1] ? best[i + 1, j] + 0 : best[i, j + 1] + 0
			if (like[i, j] >= 0.3 && like[i, j] + best[i + 1, j + 1] > best[i, j])
				best[i, j] = like[i, j] + best[i + 1, j + 1]
		}
	i = j = 1
	while (i <= n && j <= m) {
		if (like[i, j] >= 0.3 && best[i, j] == like[i, j] + best[i + 1, j + 1]) {
			compare_words(AT[m0 + i - 1], AT[p0 + j - 1])
			i++
			j++
		} else if (best[i + 1, j] + 0 >= best[i, j + 1] + 0)
			i++
		else
			j++
	}
}

function compare_words(g, h,    x, y, nx, ny, i, j, best, gone, come) {
	nx = tokens(TEXT[g], x)
	ny = tokens(TEXT[h], y)
	for (i = nx; i >= 1; i--)
		for (j = ny; j >= 1; j--)
			if (x[i] == y[j])
				best[i, j] = best[i + 1, j + 1] + (x[i] ~ /[A-Za-z0-9]/ ? 3 : 1)
			else
				best[i, j] = best[i + 1, j] + 0 > best[i, j + 1] + 0 ? best[i + 1, j] + 0 : best[i, j + 1] + 0
	i = j = 1
	while (i <= nx && j <= ny) {
		if (x[i] == y[j]) { i++; j++ }
		else if (best[i + 1, j] + 0 >= best[i, j + 1] + 0) gone[i++] = 1
		else come[j++] = 1
	}
	while (i <= nx) gone[i++] = 1
	while (j <= ny) come[j++] = 1
	cut(g, x, nx, gone)
	cut(h, y, ny, come)
}

# Two changes with at most two signs between them read as one, and none begins or ends on blanks.
function cut(g, x, n, changed,    i, k, from, p, any) {
	for (i = 1; i <= n; i++) {
		if (changed[i] || !changed[i - 1] || x[i] ~ /[A-Za-z0-9_]/)
			continue
		for (k = i; k <= n && k <= i + 1 && !changed[k] && x[k] !~ /[A-Za-z0-9_]/; k++)
			;
		if (k <= n && changed[k] && i > 1)
			for (from = i; from < k; from++)
				changed[from] = 1
	}
	for (i = 1; i <= n; i++)
		if (changed[i] && x[i] ~ /^[ \t]+$/ && (!changed[i - 1] || !changed[i + 1]))
			changed[i] = 0
	p = 1
	PIECE[g, 1] = ""
	for (i = 1; i <= n; i++) {
		if ((changed[i] + 0) != (p % 2 == 0))
			PIECE[g, ++p] = ""
		PIECE[g, p] = PIECE[g, p] x[i]
		any += changed[i]
	}
	PIECES[g] = any == n ? 0 : p
}
