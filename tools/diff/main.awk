# main.awk - reads both inputs, then does what was asked.

FILENAME == md { read_note($0); next }
{ read_change($0) }

END {
	resolve()
	if (mode == "show") {
		pair_words()
		show()
		exit 0
	}
	if (mode == "stub") {
		stub()
		exit 0
	}
	if (mode == "bless") {
		bless()
		for (p = 1; p <= problems; p++)
			if (PROBLEM[p] !~ /`make bless/)
				print PROBLEM[p] > "/dev/stderr"
		exit 0
	}
	if (mode == "json") {
		pair_words()
		json()
		exit 0
	}
	for (p = 1; p <= problems; p++)
		print PROBLEM[p] > "/dev/stderr"
	if (mode == "check" && !problems)
		printf "%s: %d changed lines, %d notes, every line explained\n", new, changes, notes
	if (problems)
		exit 1
}
