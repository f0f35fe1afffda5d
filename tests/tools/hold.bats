# hold: idle connections, counted; and what it says when it can't.
load ../wait

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export TOP=$PWD
	sh -c '. tools/lib.sh; helper hold wire look'
	server=$(tools/stage build 3)
	export server
}

setup() {
	cd "$TOP"
	PATH=$PWD/build/tools:$PATH
	cd "$BATS_TEST_TMPDIR"
	echo page >index.html
	start "$server"
}

teardown() {
	for process in ${pid:-} ${holder:-}; do
		kill -KILL "$process" 2>/dev/null || true
		wait "$process" 2>/dev/null || true
	done
}

start() {
	"$1" 0 . >out 2>log 3>&- 4>&- &
	pid=$!
	within 10 grep -q listening out
	port=$(sed -n 's|.*:\([0-9]*\)/|\1|p' out)
}

# The server's descriptors, and how many of them are clients.
clients() { find "/proc/$pid/fd" -lname 'socket:*' | wc -l; }
clients_are() { [ "$(clients)" -eq "$1" ]; }

@test "100 stand until its input ends, and not longer" {
	mkfifo in
	hold "$port" 100 <in >said 3>&- 4>&- &
	holder=$!
	exec 9>in
	within 10 grep -q '^100 stand$' said
	within 10 clients_are 101	# and the listener
	echo >&9
	within 10 grep -q '^100 open, 0 closed by the server$' said
	exec 9>&-
	wait "$holder"
	holder=
	within 10 clients_are 1
	[ "$(tail -n 1 said)" = "100 open, 0 closed by the server" ]
}

@test "SIGTERM ends it too, with a last count" {
	mkfifo in
	hold "$port" 5 <in >said 3>&- 4>&- &
	holder=$!
	exec 9>in
	within 10 grep -q '^5 stand$' said
	kill -TERM "$holder"
	wait "$holder"
	holder=
	exec 9>&-
	[ "$(tail -n 1 said)" = "5 open, 0 closed by the server" ]
}

@test "-n: several processes share them, and speak and end as one" {
	mkfifo in
	hold -n 3 "$port" 100 <in >said 3>&- 4>&- &
	holder=$!
	exec 9>in
	within 10 grep -q '^100 stand$' said
	within 10 clients_are 101
	[ "$(pgrep -cP "$holder")" -eq 3 ]
	echo >&9
	within 10 grep -q '^100 open, 0 closed by the server$' said
	kill -TERM "$holder"
	wait "$holder"
	holder=
	exec 9>&-
	within 10 clients_are 1
	[ "$(wc -l <said)" -eq 3 ] && [ "$(tail -n 1 said)" = "100 open, 0 closed by the server" ]
}

@test "-n: each has descriptors of its own, and the reason of one holds for all" {
	run bash -c "ulimit -n 100; hold -n 2 $port 160 </dev/null"
	[ "$status" -eq 0 ] && [ "${lines[0]}" = "160 stand" ]
	run bash -c "ulimit -n 100; hold -n 2 $port 200 </dev/null"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "${lines[0]}" =~ ^1[67][0-9]" of 200 stand: this process may have 100 descriptors (ulimit -Hn)"$ ]]
}

@test "-n: who is told to end while they connect does not go on" {
	local began=$SECONDS
	kill -STOP "$pid"	# its queue is full after so many
	hold -n 2 -t 60 "$port" 9000 </dev/null >said 3>&- 4>&- &
	holder=$!
	within 10 connecting
	kill -TERM "$holder"
	wait "$holder" || true
	holder=
	kill -CONT "$pid"
	grep -q ' of 9000 stand: ' said
	[ $((SECONDS - began)) -lt 30 ]
}
connecting() { [ "$(pgrep -cP "$holder")" -eq 2 ] && [ "$(look queue "$port")" -gt 100 ]; }

# The client's ends that wait out their minute.
waiting_ends_are() { [ "$(ss -Htn state time-wait "dport = :$port" | wc -l)" -eq "$1" ]; }

@test "-a: ends them abruptly, so that nothing is left in TIME_WAIT" {
	command -v ss >/dev/null || skip "no ss here: sudo apt-get install iproute2"
	hold "$port" 20 </dev/null >said
	within 10 waiting_ends_are 20
	hold -a "$port" 20 </dev/null >said
	within 10 clients_are 1
	waiting_ends_are 20
}

@test "it counts what the server has closed" {
	mkfifo in
	hold -s 'GET / HTTP/1.0\r\n\r\n' "$port" 7 <in >said 3>&- 4>&- &
	holder=$!
	exec 9>in
	within 10 grep -q '^7 stand$' said
	counted() { echo >&9; [ "$(tail -n 1 said)" = "0 open, 7 closed by the server" ]; }
	within 10 counted
	exec 9>&-
	wait "$holder"
	holder=
}

@test "no process listens: none stands, and why; exit 1" {
	kill -KILL "$pid"
	wait "$pid" || true
	pid=
	run hold "$port" 5 </dev/null
	echo "$output"
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "0 of 5 stand: Connection refused" ]
}

@test "fewer descriptors than connections: as many as go, and why; exit 1" {
	run bash -c "ulimit -n 100; hold $port 200 </dev/null"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "${lines[0]}" =~ ^8[0-9]" of 200 stand: this process may have 100 descriptors (ulimit -Hn)"$ ]]
}

@test "a server that accepts no client: its queue is full" {
	kill -STOP "$pid"
	[ "$(cat /proc/sys/net/core/somaxconn)" -le 4096 ] || skip "too long a queue"
	run hold -t 1 "$port" 6000 </dev/null
	kill -CONT "$pid"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "${lines[0]}" == *" of 6000 stand: the server does not accept them, and its queue is full" ]]
}

# As stage 3: it closes a moment after its answer, so hold may look too early.
keeps_nobody() {
	run hold -k / "$port" 3 </dev/null
	echo "$output"
	[ "${lines[0]}" = "3 stand" ] && [ "${lines[1]}" = "0 open, 3 closed by the server" ]
}

@test "-k: each makes a request and stays, if the server lets it" {
	within 20 keeps_nobody
	run hold -k / -t 1 "$port" 3 </dev/null
	kill -STOP "$pid"
	run hold -k / -t 1 "$port" 3 </dev/null
	kill -CONT "$pid"
	echo "$output"
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "1 of 3 stand: a request was not answered" ]
}

@test "-p: every 1,000 it waits until they are accepted" {
	[ "$(ulimit -H -n)" = unlimited ] || [ "$(ulimit -H -n)" -ge 2100 ] || skip "too few descriptors"
	mkfifo in
	hold -p / "$port" 2000 <in >said 3>&- 4>&- &
	holder=$!
	exec 9>in
	within 60 grep -q '^2000 stand$' said
	clients_are 2001
	exec 9>&-
	wait "$holder"
	holder=
}

@test "wire tells an answer, a refusal, a silence and a reset apart" {
	run wire get "$port" /
	[ "$status" -eq 0 ] && [[ $output == "200 OK, 5 bytes in "*" ms" ]]
	run wire get "$port" /nothing
	[ "$status" -eq 0 ] && [[ $output == "404 Not Found, "* ]]
	run wire load "$port" 3 /nothing
	[ "$status" -eq 1 ] && [[ $output == "failed: 404 "* ]]
	kill -STOP "$pid"
	run wire get -t 0.3 "$port" /
	[ "$status" -eq 1 ] && [ "$output" = "no answer within 0.3 s" ]
	kill -KILL "$pid"
	wait "$pid" || true
	pid=
	run wire get "$port" /
	[ "$status" -eq 1 ] && [ "$output" = "refused: no process listens on this port" ]
}

@test "look sees the queue, the bytes on their way, the call and the time" {
	run look queue "$port"
	[ "$output" = 0 ]
	call=$(cat "/proc/$pid/syscall") || skip "this kernel does not show another process's call"
	# shellcheck disable=SC2086
	run look call $call
	[ "$output" = "poll(no time limit)" ]
	kill -STOP "$pid"
	hold "$port" 3 < <(sleep 5) >said 3>&- 4>&- &
	holder=$!
	within 10 grep -q '^3 stand' said
	[ "$(look queue "$port")" -eq 3 ]
	[ "$(look pending "$port")" -eq 0 ]
	kill "$holder"
	kill -CONT "$pid"
	within 10 [ "$(look cpu "$pid" | wc -l)" -eq 1 ]
	before=$(look cpu "$pid" | cut -d ' ' -f 2)
	wire load "$port" 100
	[ "$(look cpu "$pid" | cut -d ' ' -f 2)" -gt "$before" ]
	run look queue 1
	[ "$status" -eq 1 ] && [ "$output" = "look: no process listens on port 1" ]
}
