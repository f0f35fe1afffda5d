#!/usr/bin/env bats
# tools/balance: who gets the connections.
# long: it begins early

setup() {
	cd "$BATS_TEST_DIRNAME/../.."
	out=$BATS_TEST_TMPDIR/out
}

@test "balance: eight ways, three loads, and what adds up" {
	tools/balance 2 300 >"$out" 2>&1
	cat "$out"
	[ "$(grep -c '^  ' "$out")" -eq 24 ]
	awk '/^  / && match($0, / [0-9]+ +[0-9]+  /) { split(substr($0, RSTART), n, " "); if (n[1] + n[2] != 300) exit 1; seen++ } END { exit seen != 24 }' "$out"
	awk '/in turn/ { if ($8 == "-") exit 1 }' "$out"
}

@test "balance: --help says what it does, and words it doesn't know as well" {
	tools/balance --help | grep -q WORKERS
	run tools/balance four
	[ "$status" -eq 2 ]
}

@test "knock: no server there, an answer without a name, a wrong number" {
	make -s -f tools/helpers.mk build/tools/knock
	run build/tools/knock 1 2
	[ "$status" -eq 1 ]
	[ "$output" = 'nobody 2' ]
	run build/tools/knock
	[ "$status" -eq 2 ]
}
