# Two small stages with their notes, in a folder of the test's own.
setup() {
	repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	cd "$BATS_TEST_TMPDIR" || return
	cp -r "$repo/tests/diff/stages" .
	first=stages/01-first second=stages/02-second
	export STAGES=stages
	unset PAGER NO_COLOR FORCE_COLOR COLUMNS
}

check() { run "$repo/tools/diff/check" "${@:-2}"; }

# The verdict is red, and one of its lines begins with $1 and holds $2.
says() {
	echo "$output"
	[ "$status" -eq 1 ] || return 1
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
