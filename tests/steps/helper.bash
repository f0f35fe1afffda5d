# A stage 6, a stage 7 and its two steps, all of a few lines, in a folder of the test's own.
setup() {
	repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	cd "$BATS_TEST_TMPDIR" || return
	cp -r "$repo/tests/steps/stages" .
	src=stages/07-after/src one=stages/07-after/steps/01-loop.md two=stages/07-after/steps/02-timer.md
	export STAGES=stages
	unset PAGER NO_COLOR FORCE_COLOR COLUMNS STEP_TREES AWK
}

step() { "$repo/tools/steps/step" "$@"; }
check() { run step check "$@"; }

# The verdict is red, and one of its lines begins with $1 and holds $2.
says() {
	echo "$output"
	[ "$status" -ne 0 ] || return 1
	while IFS= read -r line; do
		case $line in "$1"*"$2"*) return 0 ;; esac
	done <<<"$output"
	echo "expected: $1 ... $2"
	return 1
}

# change FILE SED-EXPRESSION: edit, and be sure that something changed
change() {
	cp "$1" before
	sed "$2" before >"$1"
	! cmp -s before "$1"
}
