# alone
# make bench: what it says, what it writes, and which measurements it refuses.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	export BENCH="$BATS_TEST_TMPDIR/figures" QUICK=1 PEERS=0
	unset Q SERVER
}

wants_wrk() { command -v wrk >/dev/null || skip "no wrk here: sudo apt-get install wrk"; }

bench() { tools/bench/bench "$@" 3>&- 4>&-; }

@test "an unknown question, stage, option or server: a line that says what there is" {
	Q=speed run bench
	[ "$status" -eq 2 ] && [[ "$output" == *"no question 'speed'; there are: load idle"* ]]
	run bench 99
	[ "$status" -eq 2 ] && [[ "$output" == *"no stage '99'"* ]]
	run bench --fast
	[ "$status" -eq 2 ] && [[ "$output" == *"no option '--fast'"* ]]
	SERVER=/nowhere run bench
	[ "$status" -eq 2 ] && [[ "$output" == *"SERVER=/nowhere is not a program"* ]]
}

@test "--help names each question and each column" {
	run bench --help
	[ "$status" -eq 0 ]
	for word in load idle slow workers requests people sizes proxy memory calls instructions roads kept QUICK PEERS SERVER median; do
		[[ "$output" == *"$word"* ]]
	done
}

# bin/ has what this machine has, but for these
without() {
	mkdir "$BATS_TEST_TMPDIR/bin"
	ln -s /usr/bin/* /bin/* "$BATS_TEST_TMPDIR/bin/" 2>/dev/null || true
	for program; do rm -f "$BATS_TEST_TMPDIR/bin/$program"; done
}

@test "without wrk: what to install" {
	without wrk apt-get sudo
	PATH=$BATS_TEST_TMPDIR/bin run bench 1
	echo "$output"
	[ "$status" -eq 2 ] && [[ "$output" == *"needed and not installed: wrk"* ]]
}

@test "PEERS=1 where nothing can be installed: what to run, and it goes on without" {
	wants_wrk
	without h2o apt-get sudo
	PEERS=1 Q=slow PATH=$BATS_TEST_TMPDIR/bin run bench 4
	echo "$output"
	[ "$status" -eq 0 ] && [ -s "$BENCH/slow.csv" ]
	[[ "$output" == *"needed and not installed:"*" h2o; "*"bench: goes on without:"*" h2o"*"Left out:"*"h2o: not installed"* ]]
}

@test "PEERS=1: what a package calls to start its service is there, and does nothing" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	cat >"$BATS_TEST_TMPDIR/bin/apt-get" <<-END
	#!/bin/sh
	for word; do
		case \$word in
		DPkg::Path=*) PATH=\${word#*=} ;;
		install) readlink "\$(command -v invoke-rc.d)" "\$(command -v deb-systemd-invoke)" >"$BATS_TEST_TMPDIR/called" ;;
		esac
	done
	END
	printf '#!/bin/sh\n[ "$1" != -n ] || shift\nexec "$@"\n' >"$BATS_TEST_TMPDIR/bin/sudo"
	chmod +x "$BATS_TEST_TMPDIR"/bin/*
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run sh -c '. tests/needs.sh; needs_install --unstarted such-a-server'
	echo "$output"
	[ "$status" -eq 0 ] && [ "$(cat "$BATS_TEST_TMPDIR/called")" = $'/bin/true\n/bin/true' ]
}

@test "one question about two stages: a table, bars, a CSV with a header and the machine" {
	wants_wrk
	Q=load run bench 1 4
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"Requests a second, by clients at once"*"1 blocking"*"4 epoll-lt"*"# "*"machine: "* ]]
	[[ "$output" != *$'\033'* ]]
	csv=$BENCH/load.csv
	grep -q '^# date: .*; machine: .*; kernel: Linux .*; load: wrk ' "$csv"
	grep -qx 'case,server,measure,median,low,high,runs,note' "$csv"
	# 8 columns each, and what was measured of both
	[ "$(grep -v '^#' "$csv" | awk -F , 'NF != 8' | wc -l)" -eq 0 ]
	for row in 128,1,rps 128,4,rps 128,1,cpu_us 128,4,cpu_us 128,4,p99_us; do grep -q "^$row,[0-9]" "$csv"; done
	awk -F , '/,(rps|cpu_us),/ && $4 <= 0 { bad = 1 } END { exit bad }' "$csv"
	[ -s "$BENCH/machine.txt" ]
}

@test "idle clients: who can't have them gets a reason in place of a figure" {
	wants_wrk
	[ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -ge 4100 ] || skip "4,000 descriptors are not to be had here"
	Q=idle run bench 2 3
	echo "$output"
	[ "$status" -eq 0 ]
	grep -q '^4000,2,none,,,,1,[A-Za-z0-9]' "$BENCH/idle.csv"
	grep -q '^4000,3,cpu_us,' "$BENCH/idle.csv"
	[[ "$output" == *"- 2 select, 4000: "* ]]
}

@test "a slow reader: stage 4 makes the others wait, stage 5 does not" {
	Q=slow run bench 4 5
	echo "$output"
	[ "$status" -eq 0 ]
	share() { awk -F , -v s="$1" '$1 == "one slow reader" && $2 == s && $3 == "answered" { print $4 }' "$BENCH/slow.csv"; }
	[ "$(share 4)" -lt 50 ] && [ "$(share 5)" -gt 150 ]
}

@test "more idle clients than one process may have descriptors for: several workers share them" {
	wants_wrk
	# root may often let itself have more
	! bash -c 'ulimit -n 5000; ulimit -n 20000' 2>/dev/null || skip "this user may have as many descriptors as it likes"
	Q=memory run bash -c 'ulimit -n 5000 && tools/bench/bench 7 3>&- 4>&-'
	echo "$output"
	[ "$status" -eq 0 ]
	grep -q '^10000,7,bytes,[1-9][0-9]*,' "$BENCH/memory.csv"
	grep -q '^10000,7,workers,3,' "$BENCH/memory.csv"
	[[ "$output" == *"10000 clients are shared by 3 workers of 7 full,"* ]]
	Q=memory run bash -c 'ulimit -n 600 && tools/bench/bench 7 3>&- 4>&-'
	echo "$output"
	[ "$status" -eq 0 ]
	grep -q '^10000,7,none,,,,1,needs 18 processes: one may have 600 descriptors' "$BENCH/memory.csv"
}

@test "a server that answers anything but what was asked is caught, and leaves no figures" {
	wants_wrk
	${CC:-cc} -O2 -o "$BATS_TEST_TMPDIR/liar" tests/bench/liar.c
	export SERVER="$BATS_TEST_TMPDIR/liar" Q=sizes LIE
	for LIE in bytes late 404 short; do
		run bench 1
		echo "$LIE: $output"
		[ "$status" -ne 0 ] && [[ "$output" == *"'own' was asked for /1"*"k and answered wrongly"* ]]
		[ ! -e "$BENCH/sizes.csv" ]
	done
	LIE=no run bench 1
	[ "$status" -eq 0 ] && grep -q '^100 KiB,own,rps,' "$BENCH/sizes.csv"
}

@test "nothing of it is left running" {
	wants_wrk
	Q=slow timeout -s INT 3 tools/bench/bench 4 3>&- 4>&- || true
	for process in /proc/[0-9]*; do
		! tr '\0' ' ' 2>/dev/null <"$process/cmdline" | grep -q "bench\.[A-Za-z0-9]*/www" || { cat "$process/cmdline"; return 1; }
	done
}
