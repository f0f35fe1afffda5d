# trace: the functions that one request visits, in order, at their places.
setup() { cd "$BATS_TEST_DIRNAME/../.."; }

# in_order TEXT ...   the lines of $output have these, one after the other
in_order() {
	local text rest=$output
	for text; do
		[[ $rest == *"$text"* ]] || { echo "no \"$text\" in what is left of: $output"; return 1; }
		rest=${rest#*"$text"}
	done
}

@test "each of the early stages: accepted, read, answered, closed" {
	for stage in 1 3 5 6; do
		run tools/trace "$stage" /index.html
		echo "$output"
		[ "$status" -eq 0 ]
		in_order conn_open http_head_complete http_answer conn_close 'functions in' 'calls;'
	done
}

@test "stage 7: a head, its phases, a file, its head, the socket; and each place is one" {
	run make -s trace 7 /index.html
	[ "$status" -eq 0 ]
	in_order client_accept intake_head request_begin phase_run 'modules/static.c' write_head request_finish net_write go_idle
	# a function stands at its place: the line there names it
	echo "$output" | awk '$2 ~ /^(intake_head|list_has|heap_has|phase_run|net_write)$/ { print $2, $3 }' | sort -u >"$BATS_TEST_TMPDIR/places"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/places")" -ge 5 ]
	while read -r name place; do
		sed -n "$((${place##*:} - 1)),$((${place##*:} + 1))p" stages/07-full-server/"${place%:*}" | grep -q "$name"
	done <"$BATS_TEST_TMPDIR/places"
}

@test "on a kept connection nothing is accepted, and one line is enough" {
	KEPT=1 run tools/trace 7 /index.html
	[ "$status" -eq 0 ]
	in_order conn_dispatch leave_idle intake_head go_idle
	[[ $output != *client_accept* ]]
	KEPT=1 SUMMARY=1 run tools/trace 7 /index.html
	[[ $output =~ ^[0-9]+' functions in '[0-9]+' files, '[0-9]+' calls; '[0-9]+' returns' ]]
}

@test "what is wrong is said in one line" {
	run tools/trace 9
	[ "$status" -eq 2 ]
	[[ $output == *"there is no stage '9'"* ]]
	run tools/trace 1 index.html
	[ "$status" -eq 2 ]
	[[ $output == *"begins with a slash"* ]]
	run tools/trace --help
	[ "$status" -eq 0 ]
}
