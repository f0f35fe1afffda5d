# What each step of stage 7 can do that the one before it cannot: `make ladder 7`.
# alone: some of its properties measure
bats_require_minimum_version 1.5.0

setup_file() {
	export BATS_TEST_TIMEOUT=600
	cd "$BATS_TEST_DIRNAME/../.." || return
	export TOP=$PWD STEPS_CFLAGS=-O0
}

setup() { cd "$TOP"; }

# What changes between two columns is judged in both. The cells between two changes are not: each would cost as
# much again, and `make ladder 7` compares all of them.
@test "a property breaks at the step before the one that brings it, and holds there and in stage 7" {
	awk -F '\t' '/^property/ { for (i = 2; i <= NF; i++) step[i] = $i }
		!/^(#|property)/ { for (i = 2; i <= NF; i++) if (i == NF || $i != $(i + 1) || (i > 2 && $i != $(i - 1))) print step[i] "\t" $1 "\t" $i }' tests/ladder/steps.tsv >"$BATS_TEST_TMPDIR/cells"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/cells")" -gt 10 ]
	declare -A server
	while IFS=$'\t' read -r step property expected; do
		[ -n "${server[$step]:-}" ] || server[$step]=$(tools/stage build "$step" 3>&- 4>&-)
		IFS=$'\t' read -r verdict evidence < <(tests/ladder/"$property" "${server[$step]}" 3>&- 4>&- </dev/null)
		echo "$step $property: $verdict, expected $expected: $evidence"
		[ "$verdict" = "$expected" ] || [[ $verdict$evidence == "n.a.this machine: "* ]]
	done <"$BATS_TEST_TMPDIR/cells"
}

@test "make ladder 7 draws the steps" {
	NO_COLOR=1 P=answers-get SERVER='' run tools/ladder 7 3>&- 4>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"answers-get"*"holds"* ]]
	for step in $(tools/steps/step list | cut -f 1 | sed '$d'); do grep -q "$step" <<<"$output"; done
}
