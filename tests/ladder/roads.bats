# The cells of the roads' ladder, from a fresh run, against what roads.tsv expects. Those that measure
# what a request costs are for FULL=1: they want the machine for themselves.
# long: it begins early
bats_require_minimum_version 1.5.0

setup_file() { export BATS_TEST_TIMEOUT=600; }

@test "make ladder roads: every answer is as expected" {
	cd "$BATS_TEST_DIRNAME/../.."
	[ -n "$(tools/stage build uring)" ]
	code=0
	timeout -k 5 1 build/road-uring/server 0 / >/dev/null 2>&1 3>&- 4>&- || code=$?
	roads=roads
	[ "$code" != 1 ] || roads='fork thread handoff' # io_uring is refused here, see tests/stages/uring.bats
	judged=
	[ -n "${FULL:-}" ] || judged=$(awk -F '\t' '!/^(#|property|flat-cost|all-cores)/ { print $1 }' tests/ladder/roads.tsv)
	# shellcheck disable=SC2086 # words
	NO_COLOR=1 P=$judged SERVER='' JOBS=4 run tools/ladder $roads 3>&- 4>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"all as expected"* ]]
	[ -n "${FULL:-}" ] || return 0
	for row in fork handoff thread; do
		for property in $(awk -F '\t' '!/^(#|property)/ { print $1 }' tests/ladder/expected.tsv); do
			awk -F '\t' -v r="$row" -v p="$property" '$1 == r && $2 == p && $3 != "" { found = 1 } END { exit !found }' build/ladder-roads.tsv
		done
	done
}

@test "make ladder fork: each answer with what was measured; an unexpected one is red" {
	cd "$BATS_TEST_DIRNAME/../.."
	P='answers-get keep-alive' run tools/ladder fork 3>&- 4>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"Road fork (A process for each client)"*"answers-get"*"holds"*"keep-alive"*"breaks"* ]]
	run tools/flaw fork
	[ "$status" -eq 2 ]
	[[ $output == *"'make ladder fork'"* ]]
}
