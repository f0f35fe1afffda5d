# The steps of stage 7 in this repository: each is a server that builds, serves, and can do what its notes say.
bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	[ -d stages/07-full-server/steps ] || skip "there are no steps"
	steps=$(tools/steps/step list | cut -f 1 | sed '$d')	# the last one is the stage itself
	export STEPS_CFLAGS=-O0
}

# gcc's build is the one that the ladder judges. clang reads what differs from the step before.
@test "each step builds without a warning, with gcc and with clang" {
	before=
	for step in $steps; do
		run tools/stage build "$step"
		echo "$step gcc: $output"
		[ "$status" -eq 0 ] && [ "${#lines[@]}" -eq 1 ]
		command -v clang >/dev/null || continue
		folder=$(tools/steps/step folder "$step")
		! tools/steps/step is-late "$step" || before=$PWD/stages/07-full-server	# it is nearly all of the stage, which is read elsewhere
		sources=$(cd "$folder" && find src -name '*.c' | while read -r file; do
			[ -n "$before" ] && cmp -s "$file" "$before/$file" || echo "$file"
		done | tr '\n' ' ')
		run make -s -C "$folder" warnings CC=clang sources="$sources"
		echo "$step clang, $sources: $output"
		[ "$status" -eq 0 ] && [ -z "$output" ]
		before=$PWD/$folder
	done
}

@test "the notes are true, from the sources to stage 6" {
	run tools/steps/step check
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "a property comes to hold at the step whose notes name it" {
	awk -F '\t' '/^property/ { for (i = 2; i <= NF; i++) step[i] = $i }
		!/^(#|property)/ { for (i = 3; i <= NF; i++) if ($i == "holds" && $i != $(i - 1) && step[i] != 7) print step[i] "\t" $1 }' tests/ladder/steps.tsv | sort >"$BATS_TEST_TMPDIR/flips"
	for step in $steps; do tools/steps/step property "$step" | tr ' ' '\n' | sed "s/^/$step	/"; done | sort >"$BATS_TEST_TMPDIR/named"
	diff "$BATS_TEST_TMPDIR/flips" "$BATS_TEST_TMPDIR/named"
	[ "$(sed -n 's/^property//p' tests/ladder/steps.tsv | tr '\t' '\n' | sed 1d | tr '\n' ' ')" = "6 $(echo $steps) 7 " ]
}

@test "make diff 7, make stage 7.1, and a step that is not there" {
	run tools/diff/show 7
	[ "$status" -eq 0 ] && [[ $output == *"7.1 "*"Slots and generations"*"The rest of the house"* ]]
	run tools/stage build 7.4000
	[ "$status" -ne 0 ] && [[ $output == *"there is no step '7.4000'; there are 7.1 "* ]]
	[ "$(tools/stage build 7.1)" = "$PWD/build/07.1-slots/server" ]
}
