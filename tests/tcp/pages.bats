# The pages show what is so, and the scripts are clean
# long: it begins early
load helper

setup_file() { build; }

# In a namespace alone are all the steps there, with the same numbers.
page() {
	unshare -Urn true 2>/dev/null || unshare -n true 2>/dev/null || skip "no namespaces here"
	run "$labs/readme" --check "$@" 3>&-
	echo "$output"
	[ "$status" = 0 ]
}

@test "the output in the pages of states, time-wait, reuseaddr, shutdown-vs-close is real" {
	page states time-wait reuseaddr shutdown-vs-close
}
@test "the output in the pages of dup-close, reset-and-linger, backlog, close-wait is real" {
	page dup-close reset-and-linger backlog close-wait
}
@test "the output in the pages of pulled-cable, windows, thundering-herd is real" {
	page pulled-cable windows thundering-herd
}

@test "a page that shows what is not so is found" {
	cp -r "$labs" "$BATS_TEST_TMPDIR/tcp"
	unshare -Urn true 2>/dev/null || unshare -n true 2>/dev/null || skip "no namespaces here"
	sed -i 's/TIME_WAIT   client$/CLOSING     client/' "$BATS_TEST_TMPDIR/tcp/time-wait/README.md"
	run "$BATS_TEST_TMPDIR/tcp/readme" --check time-wait 3>&-
	[ "$status" = 1 ]
	[[ $output == *"shows what is no longer so; run labs/tcp/readme time-wait"* ]]
}

@test "every page asks the questions of its quiz" {
	for run in "$labs"/*/run; do
		page=$(dirname "$run")/README.md
		asked=$(grep -c '^ask ' "$run")
		[ "$(sed -n '/^## Predict/,/^## Run/p' "$page" | grep -c '^[0-9]\. ')" = "$asked" ]
		grep -q "make observe $(basename "$(dirname "$run")")$" "$page"
	done
}

@test "shellcheck finds nothing" {
	command -v shellcheck >/dev/null || skip "shellcheck is not installed"
	cd "$labs/../.."
	shellcheck -x labs/tcp/lib.sh labs/tcp/quiz.sh labs/tcp/readme labs/tcp/*/run tools/observe tools/watch
}

@test "the C is clean under clang too, and formatted" {
	command -v clang >/dev/null || skip "clang is not installed"
	make -s -C "$labs" CC=clang BUILD="$BATS_TEST_TMPDIR/clang"
	command -v clang-format >/dev/null || skip "clang-format is not installed"
	cd "$labs/../.."
	clang-format --dry-run --Werror labs/tcp/*/*.c labs/tcp/*/*.h
}
