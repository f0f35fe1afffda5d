# The quiz of every observation: right answers, wrong ones, empty lines
# long: it begins early
load helper

setup_file() { build; }

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; }

quiz() {	# quiz OBSERVATION SHEET LINE ...
	printf '%s\n' "${@:3}" | "$labs/$1/run" --quiz "$2" >"$2.out" 2>&1 3>&-
}

# graded OBSERVATION "RIGHT LETTERS" "WRONG LETTERS"   the right letters earn all points, the wrong ones none,
# empty lines are asked again, and the sheets of both are accepted.
graded() {
	local pid status=0
	# shellcheck disable=SC2086  # letters
	quiz "$1" right Ada '' $2 '' & pid=$!
	# shellcheck disable=SC2086
	quiz "$1" wrong Bob $3 || status=$?
	wait $pid || status=$?
	[ $status != 77 ] || skip "$(tail -n 1 right.out)"
	cat right.out wrong.out
	[ "$(grep -c 'one letter, please' right.out)" = 1 ]
	[ "$(grep -c '^right  ' right.out)" = 3 ]
	[ "$(grep -c '^wrong  .*: you said ".\+"; the kernel: ".\+"$' wrong.out)" = 3 ]
	run "$labs/$1/run" --verify right wrong 3>&-
	echo "$output"
	[ "$output" = "right: 3 of 3  Ada
wrong: 0 of 3  Bob" ]
	run quiz "$1" none Eve '' '' ''
	[ "$status" = 2 ]
	[ ! -e none ]
}

@test "states" { graded states "a b a" "b a b"; }
@test "time-wait" { graded time-wait "a b b" "b a a"; }
@test "reuseaddr" { graded reuseaddr "b a b" "a b a"; }
@test "shutdown-vs-close" { graded shutdown-vs-close "a a b" "b b a"; }
@test "dup-close" { graded dup-close "b a b" "a b a"; }
@test "reset-and-linger" { graded reset-and-linger "b b c" "a a a"; }
@test "backlog" { graded backlog "c b c" "a a a"; }
@test "close-wait" { graded close-wait "b a b" "a b a"; }
@test "pulled-cable" { graded pulled-cable "b a b" "a b a"; }
@test "windows" { graded windows "b b b" "a a a"; }
@test "thundering-herd" { graded thundering-herd "c a b" "a b a"; }

@test "no observation is left out" {
	for run in "$labs"/*/run; do
		name=$(basename "$(dirname "$run")")
		grep -q "{ graded $name " "$BATS_TEST_FILENAME"
	done
}
