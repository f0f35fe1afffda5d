# make diff: what a reader sees.
load helper

show() { run "$repo/tools/diff/show" "$@"; echo "$output"; }

# As if on a terminal of $1 columns (script is in util-linux).
on_terminal() {
	columns=$1; shift
	command -v script >/dev/null || skip "no script command to make a terminal with"
	run script -qec "stty cols $columns rows 24; $*" /dev/null
	echo "$output"
}

widest() { LC_ALL=C awk '{ gsub(/[\200-\277]/, ""); if (length($0) > w) w = length($0) } END { print w }'; }

@test "a pipe gets plain text: no escape, 80 columns, the prose after its code" {
	show 2
	[ "$status" -eq 0 ]
	[[ "$output" != *$'\033'* ]]
	[ "$(printf '%s\n' "$output" | widest)" -le 80 ]
	printf '%s\n' "$output" | grep -n -A 3 '+     nfds--;'
	[[ "$output" == *"+     nfds--;"*"▌ One fewer."* ]]
}

@test "every changed line is shown once" {
	show 2
	[ "$(printf '%s\n' "$output" | grep -c -E '^ *[0-9]+ [+-] ')" -eq 32 ]	# two blank ones aside
}

@test "prose with letters beyond ASCII wraps by characters" {
	show 2
	printf '%s\n' "$output" | grep -x '▌ The headline says it: who waits for whom is all that changes – naïveté costs'
	COLUMNS=50 show 2
	[ "$(printf '%s\n' "$output" | widest)" -le 50 ]
}

@test "all that is said of the stages here fits 80 columns, and a narrow window" {
	cd "$repo"
	for stage in 1 2 3 4 5 6; do
		[ -n "$(echo stages/0$stage-*/DIFF.md)" ] || continue
		[ "$(STAGES=stages COLUMNS=80 tools/diff/show $stage | widest)" -le 80 ]
		[ "$(STAGES=stages COLUMNS=60 tools/diff/show $stage | widest)" -le 60 ]
	done
}

@test "stage 1 is shown whole, with its notes" {
	show 1
	[ "$status" -eq 0 ]
	[[ "$output" == "The first server, whole"*"server.c › on_accept"*"read here as a whole."* ]]
}

@test "two stages are compared without notes" {
	show 1 2
	[ "$status" -eq 0 ]
	[[ "$output" != *"▌"* ]]
	[ "$(printf '%s\n' "$output" | grep -c -E '^ *[0-9]+ [+-]')" -eq 34 ]
}

@test "two stages, backwards" {
	show 2 1
	[ "$status" -eq 0 ]
	[[ "$output" == *"+7 −27 lines in 1 file"* ]]
}

@test "no such stage: one line that says what there is" {
	for words in 9 0 two "1 9" "" "1 2 1"; do
		# shellcheck disable=SC2086
		show $words
		[ "$status" -eq 2 ]
		[ "${#lines[@]}" -eq 1 ]
		[[ "$output" == *"there are stages 1 2. Try \`make diff 3\`"* ]]
	done
}

@test "a stage too large for one difference says what to do" {
	rm $second/DIFF.md
	mkdir $second/src
	show 2
	[ "$status" -eq 2 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ "$output" == *"'make diff 1 2' shows the difference"* ]]
}

@test "a stage without notes is shown all the same" {
	rm $second/DIFF.md
	show 2
	[ "$status" -eq 0 ]
	[[ "$output" == *"not written yet"* ]]
	[ "$(printf '%s\n' "$output" | grep -c -E '^ *[0-9]+ [+-]')" -eq 34 ]
}

@test "a note that lost its code is shown, and its changes are listed last" {
	change $second/server.c 's/int fd = accept(listener/int fd = accept4(listener/'
	show 2
	[ "$status" -eq 0 ]
	[[ "$output" == *"the code of this note was not found"*"Not annotated yet"* ]]
}

@test "a terminal gets colours and changed words, through the pager" {
	PAGER='sed s/^/PAGED/' TERM=xterm on_terminal 80 "$repo/tools/diff/show" 2
	[[ "$output" == *"PAGED"* ]]
	[[ "$output" == *$'\033[32m'* ]]
	[[ "$output" == *$'\033[7mfor any of many\033[27m'* ]]
}

@test "NO_COLOR is honoured on a terminal" {
	PAGER=cat TERM=xterm NO_COLOR=1 on_terminal 80 "$repo/tools/diff/show" 2
	[[ "$output" == *"nfds--"* ]]
	[[ "$output" != *$'\033['* ]]
}

@test "a narrow terminal is respected" {
	PAGER=cat TERM=xterm NO_COLOR=1 on_terminal 60 "$repo/tools/diff/show" 2
	[ "$(printf '%s\n' "$output" | tr -d '\r' | widest)" -le 60 ]
}

@test "through make: words after the goal, and the error in one line" {
	run make -C "$repo" -s diff 2 STAGES="$PWD/stages"
	[ "$status" -eq 0 ]
	[[ "$output" == *"One fewer."* ]]
	run make -C "$repo" -s diff 9 STAGES="$PWD/stages"
	[ "$status" -ne 0 ]
	[[ "$output" == *"make diff: there is no stage 9"* ]]
}
