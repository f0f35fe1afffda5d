# valgrind: no error, no byte of memory lost or left, no descriptor left but those we were given.
# long: it begins early
load lib
load scenario

valgrind=(valgrind --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all --track-fds=yes
	--error-exitcode=99)

clean_reports() { # clean_reports [N]   there are N of them
	local report
	for report in "$tmp"/report.*; do
		echo "$report"
		if ! grep -q 'ERROR SUMMARY: 0 errors' "$report" || ! grep -q 'All heap blocks were freed' "$report"; then
			cat "$report"
			return 1
		fi
		# each that is open is described: "Open ... N: ..." and, if we were given it, "<inherited ...>"
		if [ "$(grep -c ' Open .*[0-9]:' "$report")" != "$(grep -c '<inherited from parent>' "$report")" ]; then
			cat "$report"
			return 1
		fi
	done
	[ -z "${1:-}" ] || [ "$(find "$tmp" -name 'report.*' | wc -l)" = "$1" ]
	rm "$tmp"/report.*
}

under_valgrind() {
	wrap=("${valgrind[@]}" "--log-file=$tmp/report.%p")
	# it does not see that the kernel has written into a ring's buffer, and takes it for undefined
	[ "$stage" != uring ] || wrap+=(--undef-value-errors=no)
	serve "$site" 2
	run_scenario
	stop
	hush
	case $stage in
	06-* | handoff) clean_reports 3 ;;
	fork) clean_reports ;; # one for each client
	*) clean_reports 1 ;;
	esac
}

@test "valgrind finds nothing in stages 1 to 3, also when SIGTERM comes in the middle" {
	need_sock
	prepare_scenario
	STAGES=$(only 1 2 3) each_stage under_valgrind
}
@test "valgrind finds nothing in stages 4 to 6, also when SIGTERM comes in the middle" {
	need_sock
	prepare_scenario
	STAGES=$(only 4 5 6) each_stage under_valgrind
}

@test "valgrind finds nothing in the roads, also when SIGTERM comes in the middle" {
	need_sock
	prepare_scenario
	STAGES=$(only fork thread handoff uring) each_stage under_valgrind
}

graceful() {
	wrap=("${valgrind[@]}" "--log-file=$tmp/report.%p")
	serve "$site" 2
	play <"$tmp/scenario" >"$tmp/got"
	talk
	say "$(cat "$tmp/ending")"
	within 60 grep -qx there "$tmp/heard"
	kill -QUIT "$pid"
	say 'drain A'
	hush
	ended
	clean_reports 3
}
@test "nor in the graceful end of stage 6 and handoff" {
	need_sock
	prepare_scenario
	STAGES=$(only 6 handoff) each_stage graceful
}
