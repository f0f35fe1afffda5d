# The runner's rows -> the result: lines "@key value", then the rows. A check that the machine
# cannot run (N.A.), or that was not asked for, takes no point away: it counts in no sum.
{ row[NR] = $0; status = $4 }
status !~ /^(HIDDEN|SKIPPED|N\.A\.)$/ { score += $2; max += $3 }
status == "GRADER-ERROR" { verdict = "error"; reason = "the check " $1 " itself has failed" }
END {
	print "@lab", lab; print "@name", name; print "@version", version; print "@seed", seed
	print "@score", score + 0; print "@max", max + 0
	print "@verdict", verdict ? verdict : "graded"; print "@reason", reason
	for (i = 1; i <= NR; i++) print row[i]
}
