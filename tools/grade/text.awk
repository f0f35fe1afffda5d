# The result as a student sees it: a line a check, the first failure in full, the score last.
# -v single=1: one check was asked for, so its message is told, whatever it is.
function told(s,   n, list, i) {
	gsub(/\\\\/, "\001", s)
	n = split(s, list, /\\n/)
	for (i = 1; i <= n; i++) {
		gsub(/\001/, "\\", list[i])
		if (list[i] != "") print "     " list[i]
	}
}
# What a scene said of the order of its threads, or of the instant: replay takes it.
function order(message,   word) {
	if (match(message, /in the order [A-D]+/)) split(substr(message, RSTART, RLENGTH), word, " ")
	else if (match(message, /(killed|stopped) after [0-9]+ of/)) { split(substr(message, RSTART, RLENGTH), word, " "); word[4] = word[3] }
	return 4 in word ? " " word[4] : ""
}
# Which hint comes next, on a student's own machine: LAB_HINTS is hints.tsv, LAB_HINTS_TOLD what make hint noted.
function hints_read(   row, f) {
	if (ENVIRON["LAB_HINTS"] == "") return
	while ((getline row <ENVIRON["LAB_HINTS"]) > 0) many[substr(row, 1, index(row, "\t") - 1)] = split(row, f, "\t") - 1
	while ((getline row <ENVIRON["LAB_HINTS_TOLD"]) > 0) { split(row, f, " "); given[f[1]]++ }
}
function hint_next(id) {
	hints_read()
	if (given[id] >= many[id]) id = "-"
	if (!many[id]) return ""
	return given[id] < many[id] ? sprintf("   (%d of %d%s)", given[id] + 1, many[id], id == "-" ? " for the whole lab" : "") : "   (you have had all)"
}
$1 == "@reason" { reasons = reasons "; " $2; next }
/^@/ { about[substr($1, 2)] = $2; next }
$4 == "HIDDEN" { hidden += $3; next }
$4 == "SKIPPED" || (single && $4 == "BLOCKED") { next }
{
	milestone = $6 == last ? "" : "milestone " $6
	last = $6
	printf "%-12s %-16s %2d of %-2d  %s\n", milestone, $1, $2, $3, \
		$4 == "BLOCKED" ? told_short($9) : ($4 == "PASS" ? "ok" : sprintf("%-8s %s", $4, $8))
	if ($4 == "N.A.") told($9)
	if ($4 ~ /^(FAIL|TIMEOUT|CRASH|GRADER-ERROR)$/ && (!failed || single)) {
		failed = 1
		told($9)
		printf "     replay            make replay %d %s%s\n     hint              make hint %d %s%s\n", about["lab"], $1, order($9), about["lab"], $1, hint_next($1)
		if ($4 == "CRASH" && $9 ~ /was ended by signal/) printf "     where it was      make replay %d %s GDB=1, or build it with make SAN=address,undefined\n", about["lab"], $1
	}
	if ($4 == "PASS" && $9 != "") told($9)
}
function told_short(s) { sub(/\\n$/, "", s); return s }
END {
	if (reasons != "") print about["verdict"] ": " substr(reasons, 3)
	if (about["verdict"] == "error") print "no score: the grader has failed, and not you"
	printf "%d of %d points%s\n", about["judged"], about["max"], hidden && !single ? "; " hidden " more are for checks that you do not see" : ""
}
