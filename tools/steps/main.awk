# main.awk - one step: reads its notes, takes it back, then does what was asked.

BEGIN {
	while ((getline record < md) > 0)
		read_note(record)
	close(md)
	if (register == "") register = "spine"
	take_back()
	unmade = problems		# the tree before it cannot be made
	count_lines()
	if (mode == "check") judge()
	if (mode == "show") { pair_words(); show() }
	if (mode == "json") { pair_words(); json() }
	if (mode == "bless") bless()
	if (mode == "figures")
		printf "%d\t%d\t%d\t%d\t%d\t%d\n", brought, told, whole, changed, notes, texts()
	for (p = 1; p <= problems; p++)
		if (mode != "bless" || PROBLEM[p] !~ /`make bless/)
			print PROBLEM[p] > "/dev/stderr"
	if (mode == "check" && !problems) report()
	exit unmade ? 2 : problems > 0
}
