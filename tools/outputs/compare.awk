# compare.awk - the file with today's outputs, where they are not the same as before
# but for what changes at every run. Exit 1 when one was not.

/^```/ {
	if (!fence && /^```console([ \t]|$)/) {
		fence = 2
		numbers = /[ \t]numbers([ \t]|$)/
		unordered = /[ \t]unordered([ \t]|$)/
		line = 0
		print
		next
	}
	if (!fence) fence = 1
	else if (/^```[ \t]*$/) {
		if (fence == 2) finish()
		fence = 0
	}
	print
	next
}
fence != 2 { print; next }
more { more = /\\$/; command = command "\n" $0; next }
/^\$ / {
	finish()
	line = FNR
	command = $0
	more = /\\$/
	next
}
{ shown[++nshown] = $0 }

# One command is complete: compare, and print it with what it says today.
function finish(    i, n, got, row) {
	if (!line) {		# text before the first command: leave it
		for (i = 1; i <= nshown; i++)
			print shown[i]
		nshown = 0
		return
	}
	n = 0
	while ((getline row < (work "/" line ".out")) > 0)
		got[++n] = clean(row)
	close(work "/" line ".out")
	while (n && got[n] == "")
		n--
	print command
	if (alike(nshown, n, got)) {
		for (i = 1; i <= nshown; i++)
			print shown[i]
	} else {
		drifted++
		if (verb != "print")
			report(n, got)
		for (i = 1; i <= n; i++)
			print got[i]
	}
	nshown = 0
	line = 0
}

function clean(s) {
	gsub(/\r/, "", s)
	gsub(/\033\[[0-9;]*[A-Za-z]/, "", s)
	s = replaced(replaced(s, sandbox, "~/lab"), home, "~")
	sub(/[ \t]+$/, "", s)
	return to_shown(s)
}

function replaced(s, a, b,    i, out) {
	while (i = index(s, a)) {
		out = out substr(s, 1, i - 1) b
		s = substr(s, i + length(a))
	}
	return out s
}

function report(n, got,    i) {
	print file ":" line ": the output of this command has drifted: " command > "/dev/stderr"
	for (i = 1; i <= nshown; i++)
		print "  shown  | " shown[i] > "/dev/stderr"
	for (i = 1; i <= n; i++)
		print "  today  | " got[i] > "/dev/stderr"
	if (verb == "check")
		print "  look whether the text beside it still holds, then run `make outputs`" > "/dev/stderr"
}

# "..." in what is shown stands for any number of lines.
function alike(ns, n, got,    i, a, b) {
	for (i = 1; i <= ns; i++)
		a[i] = shown[i] == "..." ? "..." : steady(shown[i])
	for (i = 1; i <= n; i++)
		b[i] = steady(got[i])
	if (unordered) {
		order(a, ns)
		order(b, n)
	}
	return fits(a, 1, ns, b, 1, n)
}

function fits(a, i, na, b, j, nb) {
	for (; i <= na; i++) {
		if (a[i] == "...") {
			for (; j <= nb + 1; j++)
				if (fits(a, i + 1, na, b, j, nb))
					return 1
			return 0
		}
		if (j > nb || a[i] != b[j])
			return 0
		j++
	}
	return j == nb + 1
}

function order(x, n,    i, j, t) {
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && x[j - 1] > x[j]; j--) {
			t = x[j]; x[j] = x[j - 1]; x[j - 1] = t
		}
}

# What changes at every run and means nothing: times, dates, process ids, the
# client's ports, addresses, widths of columns.
function steady(s) {
	gsub(/(Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +([0-9]+ [A-Z][a-z][a-z]|[A-Z][a-z][a-z] +[0-9]+) [0-9:]* ?[0-9]*( [0-9:]+)?( GMT)?/, "DATE", s)
	gsub(/[0-9][0-9][0-9][0-9][-\/][0-9][0-9][-\/][0-9][0-9]/, "DATE", s)
	gsub(/[0-9][0-9]:[0-9][0-9]:[0-9][0-9](\.[0-9]+)?/, "TIME", s)
	gsub(/[0-9]+(\.[0-9]+)? ?(ns|us|µs|ms|milliseconds|seconds|s)([^A-Za-z]|$)/, "TIME ", s)
	gsub(/(real|user|sys)[ \t]+[0-9.ms]+/, "TIME", s)
	gsub(/(127\.0\.0\.1|localhost|\[::1\]|::1):[0-9][0-9][0-9][0-9][0-9]/, "ADDRESS", s)
	gsub(/port [0-9][0-9][0-9][0-9][0-9]/, "port PORT", s)
	gsub(/(pid|PID|process|worker|master|child|job)[ =:#]*\[?[0-9]+\]?/, "PROCESS", s)
	gsub(/\[[0-9]+\]/, "PROCESS", s)
	gsub(/0x[0-9a-f]+/, "0x", s)
	if (numbers)
		gsub(/[0-9][0-9.,]*/, "N", s)
	gsub(/[ \t]+/, " ", s)
	return s
}

END { exit drifted > 0 }
