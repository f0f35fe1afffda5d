# make flaw, make syscalls, make doctor, make compdb: what they show, and what they say when
# something is missing.
# long: it begins early

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export TOP=$PWD NO_COLOR=1
	unset MAKEFLAGS MFLAGS P SERVER CC
}

setup() { cd "$TOP"; }

# without COMMAND...   a PATH that has all but these
without() {
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	for folder in /usr/local/bin /usr/bin /bin /usr/sbin; do cp -rsn "$folder"/. "$BATS_TEST_TMPDIR/bin/" 2>/dev/null || true; done
	for command; do rm -f "$BATS_TEST_TMPDIR/bin/$command"; done
	PATH=$BATS_TEST_TMPDIR/bin
}

flaw() {
	run make flaw "$1" 3>&- 4>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"---- stage $1: "*"=> breaks: "*"---- stage $(($1 + 1))"* ]]
	[[ $output == *"Why"* ]]
}

@test "flaw 1: stage 1 is in read, stage 2 serves" {
	flaw 1
	[[ $output == *"read(fd "*"clients waiting in its queue: 1"*"---- stage 2: select"*"=> holds: 20 requests answered"* ]]
}

@test "flaw 2: stage 2 says why it closes, stage 3 does not" {
	[ "$(ulimit -H -n)" = unlimited ] || [ "$(ulimit -H -n)" -ge 1600 ] || skip "too few descriptors"
	flaw 2
	[[ $output == *"can't watch descriptors from 1024 on"*"=> holds: 1,500 connections stand"* ]]
}

@test "flaw 4: stage 4 is in sendfile, stage 5 serves" {
	flaw 4
	[[ $output == *"sendfile(fd "*"---- stage 5: "*"=> holds: 20 requests answered"* ]]
}

@test "flaw 5: a crash ends stage 5, and stage 6 replaces the one that died" {
	[ "$(nproc)" -ge 2 ] || skip "one core"
	flaw 5
	[[ $output == *"refused: no process listens"*"1 process did all"*"---- stage 6: "*"has died: Segmentation fault"*"processes worked at the same time"* ]]
}

@test "flaw 6: stage 6 closes after one answer, and keeps who never asks" {
	flaw 6
	[[ $output == *"Connection: close"*"still open after 3 s"*"=> n.a.: it reads no configuration"*"---- stage 7"* ]]
	[[ $output == *"---- stage 7"*"both answered on one connection"*"closed by the server after"*"requests was lost"* ]]
}

@test "flaw 7: recycled at once, one gets the answer of another" {
	run make flaw 7 3>&- 4>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"built with FLAW=recycle"*"=> breaks: Ben asked when Ann had left"*"---- stage 7: full-server"$'\n'*"=> holds: "*"Why"* ]]
}

@test "flaw: no number, no such stage" {
	run make flaw
	[ "$status" -ne 0 ] && [[ $output == *"which stage?"* ]]
	run make flaw 9
	[ "$status" -ne 0 ] && [[ $output == *"there is no stage '9'"* ]]
}

@test "syscalls: stage 4 beside stage 3, aligned, with their counts" {
	strace -o /dev/null true 2>/dev/null || skip "no strace that may trace"
	run make syscalls 4 3>&- 4>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"stage 3 poll  "*"stage 4 epoll-lt"* ]]
	[[ $output =~ poll\ =\ 1\ ready\ +\|\ +epoll_wait\ =\ 1\ ready ]]
	[[ $output =~ [0-9]+\ system\ calls\ +[0-9]+\ system\ calls ]]
	# the rows agree with the sums
	rows=$(echo "$output" | sed -n '/^  stage/,/system calls$/p' | sed '1d;$d' | cut -c 45- | grep -c '[a-z]')
	[ "$rows" -eq "$(echo "$output" | sed -n 's/.*  \([0-9]*\) system calls$/\1/p')" ]
	[ "$(echo "$output" | awk 'length($0) > 100' | wc -l)" -eq 0 ]
}

@test "syscalls: stage 1 stands alone" {
	strace -o /dev/null true 2>/dev/null || skip "no strace that may trace"
	run make syscalls 1 3>&- 4>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"stage 1 blocking"*"accept("*"read("*"sendfile("*"close("*" system calls"* ]]
}

@test "syscalls: stage 7 beside stage 6, and what a request costs on a connection that is kept" {
	strace -o /dev/null true 2>/dev/null || skip "no strace that may trace"
	run make syscalls 7 3>&- 4>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"stage 6 multiprocess  "*"stage 7 full-server"*"3 system calls: epoll_wait, recv, send"* ]]
}

@test "syscalls: a trace is cut at each accept, under gawk, mawk and busybox" {
	printf '%s\n' 'accept(4, NULL, NULL) = 5' 'read(5, "GET / x) = 7", 8191) = 35' 'close(5) = 0' 'poll([{fd=4, events=POLLIN}], 1, -1) = 1 ([{fd=4, revents=POLLIN}])' >one
	{ cat one one one one; } >"$BATS_TEST_TMPDIR/trace"
	rm one
	for awk in awk gawk mawk "busybox awk"; do
		command -v "${awk%% *}" >/dev/null || continue
		$awk -f tests/ladder/trace.awk "$BATS_TEST_TMPDIR/trace" >"$BATS_TEST_TMPDIR/calls"
		cat "$BATS_TEST_TMPDIR/calls"
		[ "$(cat "$BATS_TEST_TMPDIR/calls")" = "$(printf 'poll = 1 ready\naccept(4) = 5\nread(5) = 35\nclose(5)')" ]
		sed 's/^poll/epoll_wait/; /^read/d' "$BATS_TEST_TMPDIR/calls" >"$BATS_TEST_TMPDIR/calls2"
		$awk -v before=b -v now=n -v colour=0 -f tools/syscalls.awk "$BATS_TEST_TMPDIR/calls" "$BATS_TEST_TMPDIR/calls2" >"$BATS_TEST_TMPDIR/side"
		cat "$BATS_TEST_TMPDIR/side"
		grep -qE '^  poll = 1 ready +\|  epoll_wait = 1 ready$' "$BATS_TEST_TMPDIR/side"
		grep -qE '^  accept\(4\) = 5   +accept\(4\) = 5$' "$BATS_TEST_TMPDIR/side"
		grep -qE '^  read\(5\) = 35 +-  $' "$BATS_TEST_TMPDIR/side"
		grep -qE '^  4 system calls +3 system calls$' "$BATS_TEST_TMPDIR/side"
	done
}

@test "syscalls without strace, or where it may not trace: one line that says what to do" {
	without strace
	run make syscalls 2 3>&- 4>&-
	echo "$output"
	[ "$status" -ne 0 ]
	[[ $output == *"no strace; on Debian or Ubuntu: sudo apt-get install strace"* ]]
	printf '#!/bin/sh\necho "strace: ptrace(PTRACE_TRACEME): Operation not permitted" >&2\nexit 1\n' >"$BATS_TEST_TMPDIR/bin/strace"
	chmod +x "$BATS_TEST_TMPDIR/bin/strace"
	run make syscalls 2 3>&- 4>&-
	echo "$output"
	[ "$status" -ne 0 ]
	[[ $output == *"strace may not look at processes (strace: ptrace(PTRACE_TRACEME): Operation not permitted)"* ]]
}

@test "doctor: ready, and every tool with what it is for" {
	run make doctor 3>&- 4>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"Ready: 'make stage 1' serves"* ]]
	for word in compiler bats valgrind strace curl netstat ss wrk node descriptors somaxconn cores "user namespaces" ptrace; do
		[[ $output == *"$word"* ]]
	done
}

@test "doctor: what is missing, and the one command for it" {
	without wrk valgrind netstat
	run tools/doctor 3>&- 4>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"missing  valgrind "* ]]
	[[ $output == *"valgrind net-tools wrk"* ]]
	[ "$(grep -c 'apt-get install\|by their Debian names' <<<"$output")" -eq 1 ]
}

@test "doctor: without a compiler it is not ready; exit 1" {
	without cc gcc clang
	run tools/doctor 3>&- 4>&-
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"fails    compiler"* ]]
	[[ $output == *"gcc"* && $output == *"Not ready"* ]]
}

@test "doctor: few descriptors are said" {
	run bash -c 'ulimit -n 1024; tools/doctor'
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"less     descriptors"* ]]
}

@test "compdb: every C file, as its Makefile compiles it" {
	lab=$BATS_TEST_TMPDIR/lab
	mkdir "$lab"
	cp -r Makefile tools stages "$lab/"
	[ ! -d labs ] || cp -r labs "$lab/"
	cd "$lab"
	run make compdb
	echo "$output"
	[ "$status" -eq 0 ]
	[ -s compile_commands.json ]
	for file in stages/0[1-6]*/*.c tools/hold/hold.c tools/client/client.c; do
		folder=$(dirname "$file")
		echo "$file"
		grep -qF -e "\"directory\": \"$PWD/$folder\", \"file\": \"${file##*/}\"" -e "\"directory\": \"$PWD\", \"file\": \"$file\"" compile_commands.json
	done
	grep -q '"-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-c", "server.c"\]' compile_commands.json
	if command -v python3 >/dev/null; then python3 -m json.tool compile_commands.json >/dev/null; fi
	if command -v node >/dev/null; then node -e 'JSON.parse(require("fs").readFileSync("compile_commands.json"))'; fi
}

@test "--help: what a tool is for, and nothing else happens" {
	for tool in balance compdb flaw fuzz herd ladder stage syscalls; do
		run env -C "$BATS_TEST_TMPDIR" "$TOP/tools/$tool" --help
		echo "$output"
		[ "$status" -eq 0 ]
		[[ ${lines[0]} == "tools/$tool "* ]]
		[[ $output != *'set -'* ]]
	done
}
