# The labs' checks are to be trusted: solutions and others have all points, starters what they
# should, wrong solutions fail at the check that is for them.
# long: it begins early

setup_file() { export BATS_TEST_TIMEOUT=900; }
cd "$BATS_TEST_DIRNAME/../.." || exit 1

@test "labs: solutions, other solutions, starters and wrong solutions get what they should" {
	if [ -n "${FULL:-}" ]; then tools/grade/check; else QUICK=12 tools/grade/check; fi
}

@test "labs: where ptrace is refused, lab 6 is judged by the trap flag, with the same outcome" {
	[ -n "${FULL:-}" ] || skip "a lab's wrong and other solutions once more: FULL=1"
	[ "$(uname -m)" = x86_64 ] || skip "the trap flag is x86-64's"
	LAB_NO_PTRACE=1 LAB=6 tools/grade/check
}
