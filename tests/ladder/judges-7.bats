# The judges are judged: a fix or a flaw that is planted in a server changes their verdict, and
# they say why. Here: stage 7.
# long: it begins early
load judges.bash

@test "reload: workers that end at once, in the middle of what they do" {
	planted_7 's/^\t\t\tleave();/\t\t\t(void)leave, state = ENDED;/' proc/worker.c
	judge reload breaks "while the configuration changed, "
	# which client was being served when they ended differs; that a client was cut off does not
	[[ $output =~ 'cut off after'|'closed without an answer'|'ended by force' ]]
}

@test "upgrade: a new binary that is not given the sockets" {
	planted_7 's/setenv(variable, text, 1)/setenv(variable, "", 1)/' proc/upgrade.c
	judge upgrade breaks "while the binary changed, " failed
}

@test "late-result: a build that recycles at once gives one client the answer of another" {
	server=$(FLAW=recycle tools/stage build 7)
	judge late-result breaks "Ben asked when Ann had left, and got her answer" '"for Ann'
}
