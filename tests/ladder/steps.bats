# Every cell of `make ladder 7`: stage 6, the steps of stage 7, stage 7.
# alone: some of its properties measure
bats_require_minimum_version 1.5.0

@test "each step holds what it is expected to hold, and breaks what the next one mends" {
	cd "$BATS_TEST_DIRNAME/../.."
	export BATS_TEST_TIMEOUT=600
	NO_COLOR=1 P='' SERVER='' run tools/ladder 7 3>&- 4>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"all as expected"* ]]
	[ "$(grep -c '7.1' <<<"$output")" -gt 0 ]
}
