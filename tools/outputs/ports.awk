# ports.awk - ports="8080=2101 8081=2102": what the text says, what was free.

function to_free(s) { return exchange(s, 1) }
function to_shown(s) { return exchange(s, 2) }

function exchange(s, from,    n, pair, p, i) {
	n = split(ports, pair, / +/)
	for (i = 1; i <= n; i++)
		if (split(pair[i], p, "=") == 2)
			s = swap(s, p[from], p[3 - from])
	return s
}

# Whole numbers only.
function swap(s, a, b,    i, out) {
	while (i = index(s, a)) {
		if (substr(" " s, i, 1) ~ /[0-9]/ || substr(s, i + length(a), 1) ~ /[0-9]/)
			out = out substr(s, 1, i + length(a) - 1)
		else
			out = out substr(s, 1, i - 1) b
		s = substr(s, i + length(a))
	}
	return out s
}
