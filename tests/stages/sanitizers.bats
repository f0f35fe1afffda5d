# Built with gcc's AddressSanitizer and UndefinedBehaviorSanitizer; leaks are errors too. And the road
# that has threads with ThreadSanitizer.
load lib
load scenario

sanitized() {
	build_stage "$stage" san SAN=address,undefined
	variant=san
	serve "$site" 2
	run_scenario
	stop
	hush
	echo 'its log:'
	not grep -E 'ERROR|runtime error|SUMMARY' "$log"
}
@test "the sanitizers find nothing" {
	need_sock
	prepare_scenario
	each_stage sanitized
}

# The 1,500 of the crowd, for the arrays that grow.
crowd() {
	build_stage "$stage" san SAN=address,undefined
	variant=san
	serve "$site" 2
	(
		ulimit -n 4096 2>/dev/null || true
		play <<<"$(
			for n in {1..1500}; do printf 'connect C%d $1\n' "$n"; done
			printf 'send C1000 "GET / HTTP/1.0\\r\\n\\r\\n"\nexpect C1000 "HTTP/1.0 200 "\n'
		)"
	)
	stop
	not grep -E 'ERROR|runtime error|SUMMARY' "$log"
}
@test "all but stage 1: nor with 1,500 clients" {
	need_sock
	[ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -ge 4096 ] || skip "ulimit -Hn is $(ulimit -Hn)"
	STAGES=$(only 2 3 4 5 6 fork thread handoff uring) each_stage crowd
}

# Two threads that touch the same memory without a lock between them are an error, whether or not
# anything went wrong. gcc 12's sanitizer wants a less random address space than new kernels make.
racing() {
	build_stage "$stage" tsan SAN=thread
	variant=tsan
	wrap=(setarch -R)
	serve "$site"
	for n in {1..8}; do
		play <"$tmp/scenario" >"$tmp/got.$n" 3>&- 4>&- &
		players+=($!)
	done
	wait "${players[@]}"
	talk
	say "$(cat "$tmp/ending")"
	within 60 grep -qx there "$tmp/heard"
	stop
	hush
	not grep -E 'WARNING|SUMMARY' "$log"
}
@test "thread: no data race, with clients in eight lines and a SIGTERM in the middle" {
	need_sock
	players=()
	prepare_scenario
	STAGES=$(only thread) each_stage racing
}
