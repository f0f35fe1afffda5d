# The observations for an ordinary user, without namespaces, and without netstat
load helper

setup_file() { build; }

@test "an ordinary user" {
	for name in states reuseaddr close-wait windows; do
		checks as_nobody "$labs/$name/run" --check
	done
}

@test "an ordinary user where user namespaces are refused" {
	path=$(path_without unshare)
	printf '#!/bin/sh\necho "unshare: Operation not permitted" >&2\nexit 1\n' >"$path/unshare"
	chmod +x "$path/unshare"
	for name in states time-wait shutdown-vs-close dup-close reset-and-linger close-wait; do
		checks alone_as_nobody env PATH="$path" "$labs/$name/run" --check
	done
}

@test "what needs a namespace is skipped there, with the reason" {
	path=$(path_without unshare)
	run as_nobody env PATH="$path" "$labs/pulled-cable/run" --check 3>&-
	echo "$output"
	[ "$status" = 77 ]
	[[ $output == "1..0 # skipped: this needs a network namespace of its own"* ]]
	run as_nobody env PATH="$path" make -C "$labs/../.." observe pulled-cable 3>&-
	[ "$status" = 0 ]	# to a student it is no error
	[[ $output == *"skipped: this needs a network namespace"* ]]
}

@test "without netstat the lines come from ss" {
	path=$(path_without netstat)
	checks env PATH="$path" "$labs/states/run" --check
	run env PATH="$path" "$labs/time-wait/run" -y 3>&-
	[ "$status" = 0 ]
	[[ $output == *"netstat is not installed; what it would show comes from ss"* ]]
	[[ $output == *"TIME_WAIT   client"* ]]
}

@test "without netstat and ss the lines come from /proc/net/tcp" {
	path=$(path_without netstat ss)
	for name in states backlog reuseaddr; do
		checks env PATH="$path" "$labs/$name/run" --check
	done
	run env PATH="$path" "$labs/time-wait/run" -y 3>&-
	[[ $output == *"comes from proc"* ]]
}

@test "--tool with a tool that is not there" {
	path=$(path_without netstat)
	run env PATH="$path" "$labs/states/run" --tool netstat --check 3>&-
	[ "$status" = 2 ]
	[ "$output" = "states: netstat is not installed; there is --tool proc" ]
}

@test "the three awks show the same lines" {
	names=$BATS_TEST_TMPDIR/names
	printf '%s\n' 'client 127.0.0.1:38092 127.0.0.1:8080' 'listener 127.0.0.1:8080 - 4242' >"$names"
	cat >"$BATS_TEST_TMPDIR/proc" <<-'TABLE'
	  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
	   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 4242 1 0 100 0 0 10 0
	   1: 0100007F:94CC 0100007F:1F90 08 00000000:00000001 00:00000000 00000000     0        0 0 1 0 20 4 30 10 -1
	   2: 0100007F:1F90 0100007F:94CC 05 00000A00:00000000 00:00000000 00000000     0        0 0 1 0 20 4 30 10 -1
	   3: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4243 1 0 100 0 0 10 0
	TABLE
	tried=0
	for awk in mawk gawk "busybox awk"; do
		command -v ${awk%% *} >/dev/null || continue
		tried=$((tried + 1))
		run $awk -v tool=proc -v names="$names" -f "$labs/lines.awk" "$BATS_TEST_TMPDIR/proc"
		echo "$awk: $output"
		[ "${lines[0]}" = "tcp        1      0 127.0.0.1:38092       127.0.0.1:8080        CLOSE_WAIT  client" ]
		[ "${lines[1]}" = "tcp        0   2560 127.0.0.1:8080        127.0.0.1:38092       FIN_WAIT2   client.peer" ]
		[ "${lines[2]}" = "tcp        3      0 127.0.0.1:8080        0.0.0.0:*             LISTEN      listener" ]
		[ "${#lines[@]}" = 3 ]
	done
	[ "$tried" -gt 0 ]
}
