# What is known of the submission (lines "@key value", in ABOUT), and the runner's rows -> the result:
# lines "@key value", then the rows. A check that the machine cannot run (N.A.), or that was not
# asked for, takes no point away: it counts in no sum. A verdict other than graded has no score.
/^@/ { about = about $0 "\n"; suspect = suspect || $1 == "@reason"; next }
{ row[++rows] = $0; status = $4 }
status !~ /^(HIDDEN|SKIPPED|N\.A\.)$/ { judged += $2; max += $3 }
status == "GRADER-ERROR" { broken = broken "@reason" OFS "the check " $1 " itself has failed\n" }
END {
	verdict = broken ? "error" : suspect ? "suspect" : "graded"
	printf "%s%s", about, broken
	print "@verdict", verdict
	print "@score", verdict == "graded" ? judged + 0 : "-"
	print "@judged", judged + 0
	print "@max", max + 0
	for (i = 1; i <= rows; i++) print row[i]
}
