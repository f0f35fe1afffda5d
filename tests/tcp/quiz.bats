# --quiz and --verify: predictions graded by what the kernel did
load helper

setup_file() { build; }

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; }

quiz() { printf '%s\n' "$@" | "$labs/time-wait/run" --quiz sheet 3>&-; }
verify() { run "$labs/time-wait/run" --verify "$@" 3>&-; echo "$output"; }
# A change by a student who knows how the sheet is made: the checksum is computed again.
tamper() {
	sed -i '$d' sheet
	sed -i "$1" sheet
	echo "sum $(sha256sum <sheet | cut -c 1-16)" >>sheet
}

@test "right answers" {
	quiz "Ada Lovelace" a b b >out
	cat out
	grep -qx 'right  who: the client' out
	grep -qx '3 of 3. What happened, and why: labs/tcp/time-wait/README.md' out
	verify sheet
	[ "$status" = 0 ]
	[ "$output" = "sheet: 3 of 3  Ada Lovelace" ]
}

@test "a wrong answer is told what the kernel did" {
	quiz Bob a c b >out
	grep -qx 'wrong  long: you said "4 minutes"; the kernel: "60 seconds"' out
	grep -qx 'score 2 of 3' sheet
	verify sheet
	[ "$status" = 0 ]
	[ "$output" = "sheet: 2 of 3  Bob" ]
}

@test "an answer that is no choice is asked for again" {
	quiz Bob x '' ab A b 7 b >out
	[ "$(grep -c 'one letter, please: a to' out)" = 4 ]
	grep -qx 'score 3 of 3' sheet
}

@test "the predictions come before anything happens, and no answer leaves no sheet" {
	run quiz Bob a b
	[ "$status" = 2 ]
	[ ! -e sheet ]
	[[ $output != *"sock>"* ]]
}

@test "a sheet that was changed is not accepted" {
	quiz Bob a c b >out
	sed -i 's/^answer long = .*/answer long = 60 seconds/' sheet
	verify sheet
	[ "$status" = 1 ]
	[[ ${lines[0]} == "sheet: changed after it was written"* ]]
	[[ ${lines[-1]} == *"NOT ACCEPTED" ]]
}

@test "a score that the answers do not earn" {
	quiz Bob a c b >out
	tamper 's/^score .*/score 3 of 3/'
	verify sheet
	[ "$status" = 1 ]
	[[ $output == *"claims a score of 3 of 3, but its answers earn 2 of 3"* ]]
}

@test "kernel lines that this kernel does not write" {
	quiz Bob a a b >out
	tamper 's/^saw long .*/saw long 3.0/; s/^score .*/score 3 of 3/'
	verify sheet
	[ "$status" = 1 ]
	[[ $output == *'is recorded to have done "5 seconds"; the one here does "60 seconds"'* ]]
}

@test "a sheet without its kernel lines, of another observation, or none at all" {
	quiz Bob a b b >out
	cp sheet other
	tamper '/^saw who/d'
	verify sheet
	[ "$status" = 1 ]
	[[ $output == *"question who: records nothing the kernel did"* ]]
	run "$labs/states/run" --verify other missing 3>&-
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"other: this is no answer sheet of labs/tcp/states"* ]]
	[[ $output == *"missing: cannot be read"* ]]
}

@test "several sheets at once" {
	quiz Ada a b b >out && mv sheet one
	quiz Bob b b b >out && mv sheet two
	verify one two
	[ "$status" = 0 ]
	[ "${lines[0]}" = "one: 3 of 3  Ada" ]
	[ "${lines[1]}" = "two: 2 of 3  Bob" ]
}
