# Telling step by step: pauses, the lines shown, Ctrl-C, the list of observations
load helper

setup_file() { build; }

make_observe() { run make -C "$labs/../.." observe "$@" 3>&-; echo "$output"; }

@test "make observe lists all eleven, one line each" {
	make_observe
	[ "$status" = 0 ]
	for run in "$labs"/*/run; do
		[ "$(grep -c "^  $(basename "$(dirname "$run")") " <<<"$output")" = 1 ]
	done
	[ "$(grep -c '^  [a-z]' <<<"$output")" = 11 ]
}

@test "make observe NAME runs it" {
	make_observe shutdown-vs-close ARGS=-y
	[ "$status" = 0 ]
	[[ $output == *"ESTABLISHED client3"* ]]
}

@test "an unknown name: the nearest, and the list" {
	make_observe timewait
	[ "$status" = 2 ]
	[[ $output == *"there is no observation called timewait; did you mean time-wait?"* ]]
	[[ $output == *"there are: backlog close-wait"* ]]
	make_observe zzzzzz
	[ "$status" = 2 ]
	[[ $output == *"there is no observation called zzzzzz"* ]]
	[[ $output != *"did you mean"* ]]
	run "$labs/../../tools/observe" ../tcp/states
	[ "$status" = 2 ]
}

@test "--help and wrong options" {
	for run in "$labs"/*/run; do
		run "$run" --help
		[ "$status" = 0 ]
		[[ $output == *"--quiz"* ]]
	done
	run "$labs/states/run" --frobnicate
	[ "$status" = 2 ]
	[ "$output" = "states: there is no option --frobnicate; see $labs/states/run --help" ]
	run "$labs/states/run" --verify
	[ "$status" = 2 ]
}

@test "it waits for Enter before each step; -y does not" {
	steps=$(grep -c "^step " "$labs/reset-and-linger/run")
	yes '' | "$labs/reset-and-linger/run" >"$BATS_TEST_TMPDIR/told" 3>&-
	# once after the questions, and before each step but the first
	[ "$(grep -o '\[Enter\]' "$BATS_TEST_TMPDIR/told" | wc -l)" = "$steps" ]
	"$labs/reset-and-linger/run" -y >"$BATS_TEST_TMPDIR/told" </dev/null 3>&-
	[ "$(grep -c '\[Enter\]' "$BATS_TEST_TMPDIR/told")" = 0 ]
}

@test "nothing happens before the student has predicted" {
	mkfifo "$BATS_TEST_TMPDIR/keys"
	env "$mark" "$labs/states/run" <"$BATS_TEST_TMPDIR/keys" >"$BATS_TEST_TMPDIR/told" 3>&- &
	pid=$!
	exec 7>"$BATS_TEST_TMPDIR/keys"
	until_true 10 grep -q '\[Enter\]' "$BATS_TEST_TMPDIR/told"
	run grep -c '^    sock>' "$BATS_TEST_TMPDIR/told" # not the line that explains what "sock>" is
	[ "$output" = 0 ]
	echo >&7
	until_true 10 grep -q '1. LISTEN' "$BATS_TEST_TMPDIR/told"
	kill "$pid"
	exec 7>&-
	wait "$pid" || true
	until_true 5 none_marked
}

@test "the lines are those of our own sockets, each end named" {
	run "$labs/states/run" -y 3>&-
	[ "$status" = 0 ]
	while read -r line; do
		[[ $line == *" "[a-z]*([a-z0-9.]) ]]
	done < <(grep '^    tcp ' <<<"$output")
	for state in LISTEN ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 CLOSE_WAIT TIME_WAIT LAST_ACK CLOSING; do
		grep -q "^    tcp .* $state  *[a-z][a-z0-9.]*$" <<<"$output"
	done
}

@test "a claim that does not hold is reported, in the story and in the check" {
	mkdir -p "$BATS_TEST_TMPDIR/tcp/wrong"
	cp -r "$labs/lib.sh" "$labs/quiz.sh" "$labs/lines.awk" "$labs/Makefile" "$labs/sock" "$labs/watch" "$labs/thundering-herd" "$labs/build" "$BATS_TEST_TMPDIR/tcp/"
	cat >"$BATS_TEST_TMPDIR/tcp/wrong/run" <<-'RUN'
		#!/bin/sh
		# wrong: a claim that does not hold
		. "$(dirname "$0")/../lib.sh"
		begin
		step 'A listener.'
		sock listen listener
		lines listener=LISTEN
		claim 'It is established.' in_state listener ESTABLISHED
		finish
	RUN
	chmod +x "$BATS_TEST_TMPDIR/tcp/wrong/run"
	run "$BATS_TEST_TMPDIR/tcp/wrong/run" --check 3>&-
	[ "$status" = 1 ]
	[[ $output == *"not ok 1 - It is established."* ]]
	[[ $output == *"# tcp "*"LISTEN      listener"* ]]
	run "$BATS_TEST_TMPDIR/tcp/wrong/run" -y 3>&-
	[ "$status" = 1 ]
	[[ $output == *"NOT SO HERE: It is established."* ]]
}

@test "Ctrl-C: no process is left, no file, and the terminal is as it was" {
	command -v script >/dev/null || skip "script(1) is not installed"
	mkdir "$BATS_TEST_TMPDIR/tmp"
	mkfifo "$BATS_TEST_TMPDIR/keys"
	cat >"$BATS_TEST_TMPDIR/session" <<-SESSION
		trap : INT
		stty -g >"$BATS_TEST_TMPDIR/before"
		env $mark TMPDIR="$BATS_TEST_TMPDIR/tmp" "$labs/pulled-cable/run"
		echo \$? >"$BATS_TEST_TMPDIR/status"
		stty -g >"$BATS_TEST_TMPDIR/after"
	SESSION
	# a job in the background ignores SIGINT, and hands that on
	env --default-signal=INT script -qfc "sh $BATS_TEST_TMPDIR/session" "$BATS_TEST_TMPDIR/told" <"$BATS_TEST_TMPDIR/keys" >/dev/null 2>&1 3>&- &
	pid=$!
	exec 7>"$BATS_TEST_TMPDIR/keys"
	until_true 10 grep -q -e '\[Enter\]' -e skipped "$BATS_TEST_TMPDIR/told"
	! grep skipped "$BATS_TEST_TMPDIR/told" || { exec 7>&-; wait "$pid"; skip "no namespace here"; }
	echo >&7
	until_true 10 grep -q 'Just after the cut' "$BATS_TEST_TMPDIR/told"	# a child is stopped now
	printf '\003' >&7
	until_true 10 test -s "$BATS_TEST_TMPDIR/after"
	exec 7>&-
	end_script
	[ "$(cat "$BATS_TEST_TMPDIR/status")" = 130 ]
	cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	until_true 5 none_marked
	[ -z "$(ls "$BATS_TEST_TMPDIR/tmp")" ]
}

@test "TERM leaves nothing either" {
	mkdir "$BATS_TEST_TMPDIR/tmp"
	mkfifo "$BATS_TEST_TMPDIR/keys"
	env "$mark" TMPDIR="$BATS_TEST_TMPDIR/tmp" "$labs/dup-close/run" <"$BATS_TEST_TMPDIR/keys" >"$BATS_TEST_TMPDIR/told" 2>&1 3>&- &
	pid=$!
	exec 7>"$BATS_TEST_TMPDIR/keys"
	until_true 10 grep -q '\[Enter\]' "$BATS_TEST_TMPDIR/told"
	kill -TERM "$pid"
	exec 7>&-
	wait "$pid" || status=$?
	[ "$status" = 143 ]
	until_true 5 none_marked
	[ -z "$(ls "$BATS_TEST_TMPDIR/tmp")" ]
}
