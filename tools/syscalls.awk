# Two lists of calls, one a line -> side by side, with those that play the same part in the same row
# as far as their order allows it (the longest common subsequence, as diff does). With tsv=1 the
# rows alone, for the book: left, mark, right.

FILENAME == ARGV[1] { a[++n] = $0; next }
{ b[++m] = $0 }

function name(call) { sub(/[( ].*/, "", call); return call }

# What plays the same part stands in the same row.
function part(call) {
	call = name(call)
	if (call ~ /^(select|poll|epoll_p?wait)$/) return "wait"
	if (call ~ /^accept/) return "accept"
	return call
}

function paint(code, text) { return colour ? "\033[" code "m" text "\033[0m" : text }

function row(left, mark, right) {
	if (tsv) { print left "\t" mark "\t" right; return }
	if (before == "") { print "  " right; return }
	left = sprintf("  %-38s %s  ", left, mark)
	print mark == " " ? left right : paint(mark == "-" ? 31 : 32, left right)
}

# What only the left has and what only the right has, since the last row they share.
function flush_rows(i) {
	for (i = 1; i <= lefts || i <= rights; i++)
		row(i <= lefts ? left[i] : "", i > rights ? "-" : i > lefts ? "+" : "|", i <= rights ? right[i] : "")
	lefts = rights = 0
}

function rows(i, j) {
	i = j = 1
	while (i <= n || j <= m) {
		if (i <= n && j <= m && part(a[i]) == part(b[j])) {
			flush_rows()
			row(a[i], name(a[i]) == name(b[j]) ? " " : "|", b[j])
			i++; j++
		} else if (j > m || (i <= n && common[i + 1, j] >= common[i, j + 1])) left[++lefts] = a[i++]
		else right[++rights] = b[j++]
	}
	flush_rows()
}

function tally(i, names, k, key) {
	for (i = 1; i <= n; i++) { key = name(a[i]); if (!(key in was) && !(key in is)) order[++k] = key; was[key]++ }
	for (i = 1; i <= m; i++) { key = name(b[i]); if (!(key in was) && !(key in is)) order[++k] = key; is[key]++ }
	for (i = 1; i <= k; i++)
		if (was[order[i]] != is[order[i]])
			names = names sprintf("  %-16s %4d  ->%4d\n", order[i], was[order[i]], is[order[i]])
	return names
}

END {
	for (i = n; i >= 1; i--)
		for (j = m; j >= 1; j--)
			if (part(a[i]) == part(b[j])) common[i, j] = common[i + 1, j + 1] + 1
			else common[i, j] = common[i + 1, j] >= common[i, j + 1] ? common[i + 1, j] + 0 : common[i, j + 1] + 0

	if (tsv) { rows(); exit }
	print "One request, GET of a small file on a connection of its own, in system calls:\n"
	if (before == "") print "  " paint(1, now)
	else print "  " paint(1, sprintf("%-38s    %s", before, now))
	print ""
	rows()
	print ""
	if (before == "") print "  " paint(1, m " system calls")
	else {
		print "  " paint(1, sprintf("%-38s    %s", n " system calls", m " system calls"))
		differences = tally()
		if (differences != "") printf "\n%s", differences
	}
	if (kept != "") print "\nOn a connection that is there already (keep-alive), a request to " now " costs\n" kept
	print "\n(a number in brackets is the descriptor; = what the call returned, if it was not 0)"
}
