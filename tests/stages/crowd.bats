# More clients than a server is used to: 1,500 at once, and no descriptor left for the next.
load lib

# crowd SCRIPT   as play, with descriptors enough for 1,500 sockets of our own
crowd() {
	(
		ulimit -n 4096 2>/dev/null || [ "$(ulimit -n)" = unlimited ] || [ "$(ulimit -n)" -ge 4096 ]
		play <"$1"
	)
}

may_open_many() {
	[ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -ge 4096 ] ||
		skip "this user may open $(ulimit -Hn) descriptors at most (ulimit -Hn)"
}

# times [FIRST] LAST 'LINE'   LINE for each number, in place of every @
times() {
	local line=${*: -1} n
	for n in $(seq "${@:1:$#-1}"); do echo "${line//@/$n}"; done
}

fifteen_hundred() {
	serve
	crowd "$tmp/crowd"
	gets / "$site/index.html"
	[ ! -s "$log" ]
	stop
}
@test "stages 3 to 6, and all roads: 1,500 clients at once, all served" {
	need_sock
	may_open_many
	{
		times 1500 'connect C@ $1'
		# no client waits for the silent 1,500
		echo 'connect X $1'
		echo 'send X "GET /plain.txt HTTP/1.0\r\n\r\n"'
		echo 'expect X "HTTP/1.0 200 "'
		times 1500 'send C@ "GET /plain.txt HTTP/1.0\r\n\r\n"'
		times 1500 'expect C@ "HTTP/1.0 200 "'
	} >"$tmp/crowd"
	STAGES=$(only 3 4 5 6 fork thread handoff uring) each_stage fifteen_hundred
}

# Descriptors 0 to 1023 fit into an fd_set; five or so of them are not for clients.
too_many_for_select() {
	serve
	crowd "$tmp/crowd"
	grep -q 'closing a client: select' "$log"
	[ "$(wc -l <"$log")" = 1 ] # the same line 500 times would not help
	[ "$(find "/proc/$pid/fd" -mindepth 1 | wc -l)" -lt 1024 ]
	gets / "$site/index.html"
	stop
}
@test "stage 2 closes those from FD_SETSIZE on, serves the others, and lives on" {
	need_sock
	may_open_many
	{
		times 1500 'connect C@ $1'
		echo 'expect C1500 closed'
		echo 'expect C1024 closed'
		echo 'fails deadline expect C1000 closed 0.01'
		times 1000 'send C@ "GET /plain.txt HTTP/1.0\r\n\r\n"'
		times 1000 'expect C@ "HTTP/1.0 200 "'
	} >"$tmp/crowd"
	STAGES=$(only 2) each_stage too_many_for_select
}

# Stage 1 takes one at a time; the others wait in the kernel.
in_line() {
	serve
	crowd "$tmp/crowd"
	gets / "$site/index.html"
	stop
}
@test "stage 1 serves 1,500 one after the other" {
	need_sock
	may_open_many
	[ "$(cat /proc/sys/net/core/somaxconn)" -ge 1500 ] || skip 'net.core.somaxconn is below 1500'
	{
		times 1500 'connect C@ $1'
		times 1500 'send C@ "GET /plain.txt HTTP/1.0\r\n\r\n"'
		times 1500 'expect C@ "HTTP/1.0 200 "'
	} >"$tmp/crowd"
	STAGES=$(only 1) each_stage in_line
}

ticks() { # CPU time of all processes of the server, in hundredths of a second
	for process in $(family); do
		sed 's/.*) //' "/proc/$process/stat" 2>/dev/null
	done | awk '{ sum += $12 + $13 } END { print sum + 0 }'
}

# 100 clients for 64 descriptors. The others wait in the kernel, and the server does nothing
# about it but look once a second. One that tried all the time would use the second up.
no_descriptor_left() {
	local idle code=
	wrap=(prlimit --nofile=64)
	serve "$site" 1
	talk
	say "$(times 100 'connect C@ $1')"
	within 20 grep -q 'Too many open files' "$log"
	idle=$(ticks)
	sleep 1.5 # this measures a time: there is nothing to wait for
	idle=$(($(ticks) - idle))
	echo "$idle ticks of CPU time in 1.5 idle seconds"
	[ "$idle" -le 8 ]
	# half of them leave, and all others are served; where many files are open at the same time,
	# for some of them no descriptor may be left (503)
	[[ $stage == thread || $stage == uring ]] || code='200 '
	say "$(times 50 'close C@')" \
		"$(times 51 100 'send C@ "GET /plain.txt HTTP/1.0\r\n\r\n"')" \
		"$(times 51 100 "expect C@ \"HTTP/1.0 $code\"")"
	hush
	within 10 answers 200 'GET / HTTP/1.0'
	[ "$(grep -c 'Too many' "$log")" -le 3 ]
	stop
}
@test "stages 5 and 6, thread, handoff and uring: no descriptor left pauses accepting, at no cost, and all are served in the end" {
	need_sock
	STAGES=$(only 5 6 thread handoff uring) each_stage no_descriptor_left
}

no_descriptor_for_the_file() {
	wrap=(prlimit --nofile=32)
	serve "$site" 1
	talk
	say "$(times 60 'connect C@ $1')"
	within 20 grep -q 'Too many open files' "$log"
	say 'send C1 "GET /plain.txt HTTP/1.0\r\n\r\n"' \
		'expect C1 "HTTP/1.0 503 "' \
		"$(times 60 'close C@')" \
		'connect D $1' \
		'send D "GET /plain.txt HTTP/1.0\r\n\r\n"' \
		'expect D "HTTP/1.0 200 "'
	hush
	stop
}
@test "all but stage 1 and fork: no descriptor left for a file is 503, to that client alone" {
	need_sock
	STAGES=$(only 2 3 4 5 6 thread handoff uring) each_stage no_descriptor_for_the_file
}

# Worker 0 is the first the kernel wakes. When it is full, the others have room still.
full_worker() {
	wrap=(prlimit --nofile=24)
	serve "$site" 2
	wrap=()
	play >"$tmp/got" <"$tmp/crowd"
	stop
}
@test "stage 6 and handoff: a full worker leaves the rest to the others" {
	need_sock
	{
		echo 'deadline 10'
		# one by one, so that they go to the worker that is woken first
		times 20 'connect C@ $1
wait C@ ESTABLISHED
pause 0.02'
		times 5 'connect X@ $1
send X@ "GET /plain.txt HTTP/1.0\r\n\r\n"
expect X@ "HTTP/1.0 200 "
close X@'
	} >"$tmp/crowd"
	STAGES=$(only 6 handoff) each_stage full_worker
}

# The longest row of accepted clients without a look at those that are connected.
accepts_with_a_share() {
	serve "$site" 1
	local server=$pid
	[ "$stage" != 06-multiprocess ] || server=$(pgrep -P "$pid")
	kill -STOP "$server"
	crowd "$tmp/crowd"
	strace -q -e trace=accept4,epoll_pwait -o "$tmp/calls" -p "$server" 2>"$tmp/strace" & helpers+=($!)
	within 20 grep -q "TracerPid:	$!" "/proc/$server/status"
	kill -CONT "$server"
	within 20 all_accepted
	awk '/accept4\(.* = [0-9]/ { row++; if (row > most) most = row } /epoll_pwait\(/ { row = 0 }
		END { print most; exit !(most >= 10 && most <= 64) }' "$tmp/calls"
	gets / "$site/index.html"
	stop
}
all_accepted() { [ "$(grep -c 'accept4(.* = [0-9]' "$tmp/calls")" -ge 200 ]; }
@test "stages 5 and 6: no more than 64 clients are accepted before those that are connected have a turn" {
	need_sock
	command -v strace >/dev/null || skip "strace is not installed"
	times 200 'connect C@ $1' >"$tmp/crowd"
	STAGES=$(only 5 6) each_stage accepts_with_a_share
}
