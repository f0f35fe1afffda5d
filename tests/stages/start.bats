# What can go wrong before a server runs: one line on stderr that helps, exit 1.
load lib

# refuses 'PATTERN' ARGUMENT ...   the server with these arguments says this, and that is all
refuses() {
	local code=0
	"${wrap[@]}" timeout 20 "$OURS/$stage/server" "${@:2}" >"$tmp/stdout" 2>"$tmp/stderr" 3>&- 4>&- || code=$?
	echo "exit $code: $(cat "$tmp/stderr")"
	[ "$code" = 1 ]
	[ ! -s "$tmp/stdout" ]
	[ "$(wc -l <"$tmp/stderr")" = 1 ]
	grep -qE -- "$1" "$tmp/stderr"
}

bad_port() {
	for port in 65536 -1 99999999999999999999 80x x '' ' ' 8080.5 0x50 '8080 '; do
		refuses "^server: bad port '$port': give a number from 0 to 65535\$" "$port" "$site"
	done
}
@test "a bad port" {
	each_stage bad_port
}

bad_root() {
	refuses "^server: cannot serve $tmp/gone: No such file or directory\$" 0 "$tmp/gone"
	refuses "^server: cannot serve $site/plain.txt: Not a directory\$" 0 "$site/plain.txt"
	refuses "^server: cannot serve $site/loop: Too many levels of symbolic links\$" 0 "$site/loop"
	refuses '^server: cannot serve : No such file or directory$' 0 ''
}
@test "a root that is missing, or a file" {
	ln -s loop "$site/loop"
	each_stage bad_root
}

as_nobody() { # as root, who may do everything, the next tests would prove nothing
	if [ "$(id -u)" = 0 ]; then
		wrap=(setpriv --reuid=65534 --regid=65534 --clear-groups "$@")
		cp -r "$OURS" "$tmp/ours"
		OURS=$tmp/ours
		"${wrap[@]}" test -x "$OURS" -a -r "$site" || skip "user 65534 can't reach $tmp"
	fi
}

unreadable_root() {
	for mode in 000 111 444; do # none; no list of it; no way into it
		chmod "$mode" "$site/closed"
		refuses "^server: cannot serve $site/closed: Permission denied\$" 0 "$site/closed"
	done
	refuses "^server: cannot serve $site/closed/docs: Permission denied\$" 0 "$site/closed/docs"
}
@test "a root that may not be read" {
	as_nobody
	mkdir -p "$site/closed/docs"
	each_stage unreadable_root
	chmod 755 "$site/closed"
}

busy_port() {
	serve
	holder=$pid
	refuses "^server: port $port is busy: 'server' \(process $holder\) listens on it; stop it or take another port\$" \
		"$port" "$site"
	gets / "$site/index.html" # it did no harm to the one that listens
	stop
}
@test "a busy port: who holds it" {
	each_stage busy_port
}

# The holder is another user's: the kernel shows its socket, but not whose it is.
busy_port_of_another() {
	serve
	as_nobody
	refuses "^server: port $port is busy; stop what listens on it or take another port\$" "$port" "$site"
	wrap=()
	OURS=$TOP/build/tests
	stop
}
@test "a busy port that another user holds" {
	[ "$(id -u)" = 0 ] || skip 'needs root, to have two users'
	each_stage busy_port_of_another
}

# Sixty others listen on this port, at other addresses.
busy_among_others() {
	refuses "^server: port $port is busy: '[^']*' \(process $holder\) listens" "$port" "$site"
}
@test "a busy port: names the process that really is in the way" {
	need_sock
	holder_of 127.0.0.1:0
	holder=$!
	port=$(sed 's/.*local=127.0.0.1:\([0-9]*\).*/\1/' "$tmp/holder")
	for n in 2 7 11 23 41 60; do holder_of "127.0.0.$n:$port"; done
	each_stage busy_among_others
}

holder_of() { # a process that listens at this address
	rm -f "$tmp/holder"
	printf 'listen L %s\nshow L\npause 100\n' "$1" >"$tmp/hold"
	"$SOCK" "$tmp/hold" >"$tmp/holder" 3>&- 4>&- &
	helpers+=($!)
	within 10 grep -q 'local=' "$tmp/holder"
}

privileged_port() {
	refuses '^server: port 80 needs root' 80 "$site"
}
@test "a port below 1024 without the right" {
	as_nobody
	# in a network of its own, so that this machine's settings and servers don't matter
	if [ "$(id -u)" = 0 ] && unshare -n ip link set lo up 2>/dev/null; then
		# shellcheck disable=SC2016 # for the inner shell
		wrap=(unshare -n sh -c 'ip link set lo up && exec "$@"' sh "${wrap[@]}")
	fi
	[ "$("${wrap[@]}" cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 80 ] || skip 'anybody may use port 80 here'
	each_stage privileged_port
}

usage() {
	local code=0 most=3
	! has_workers || most=4
	"$OURS/$stage/server" --help >"$tmp/help" 2>"$tmp/stderr"
	head -n 1 "$tmp/help" | grep -q '^usage: server \[PORT \[ROOT'
	[ ! -s "$tmp/stderr" ]
	"$OURS/$stage/server" -h | cmp - "$tmp/help"
	for count in $most $((most + 3)); do
		code=0
		# shellcheck disable=SC2046 # words
		"$OURS/$stage/server" $(seq "$count") >"$tmp/stdout" 2>"$tmp/stderr" || code=$?
		[ "$code" = 1 ]
		[ ! -s "$tmp/stdout" ]
		cmp "$tmp/stderr" "$tmp/help"
	done
}
@test "--help on stdout; too many arguments: the same on stderr, exit 1" {
	each_stage usage
}

bad_workers() {
	for workers in 0 -1 257 x '' 2x; do
		refuses "^server: bad number of workers '$workers': give a number from 1 to 256\$" 0 "$site" "$workers"
	done
}
@test "stage 6: a bad number of workers" {
	STAGES=$(only 6 handoff) each_stage bad_workers
}

# It says that it listens only when it does, and on this machine alone.
listening() {
	serve
	[ "$(sed 's|.*127.0.0.1:||' <<<"$port")" -gt 0 ]
	gets / "$site/index.html"
	netstat -ltn | grep -q "127.0.0.1:$port "
	not grep -q "0.0.0.0:$port " <(netstat -ltn)
	stop
	# and again at once on the same port, although its connections are in TIME_WAIT
	setsid "$OURS/$stage/server" "$port" "$site" >"$tmp/again" 2>&1 3>&- 4>&- &
	pid=$!
	within 10 grep -q "^listening on http://127.0.0.1:$port/\$" "$tmp/again"
	! has_workers || within 20 workers_wait
	gets / "$site/index.html"
	stop
}
@test "port 0 is the kernel's choice; a port is free again at once" {
	each_stage listening
}

# A daemon's start: no stdin, no stdout, no stderr. Descriptors 0, 1 and 2 then go to whatever is
# opened first, and a log line must not go to a client.
closed_descriptors() {
	free_port
	setsid sh -c 'exec "$@" <&- >&- 2>&-' sh "$OURS/$stage/server" "$port" "$site" 3>&- 4>&- &
	pid=$!
	within 10 answers 200 'GET / HTTP/1.0'
	play <<-'END'
		connect A $1
		send A "GET /pl"
		wait A read
		connect B $1
		send B "GET"
		wait B read
		reset B
		connect C $1
		send C "GET /plain.txt HTTP/1.0\r\n\r\n"
		expect C "HTTP/1.0 200 "
		send A "ain.txt HTTP/1.0\r\n\r\n"
		expect A "HTTP/1.0 200 "
	END
	stop
}

free_port() { # one that was free a moment ago
	serve
	stop
}
@test "all but stage 1: stdin, stdout and stderr may be closed" {
	need_sock
	STAGES=$(only 2 3 4 5 6 fork thread handoff uring) each_stage closed_descriptors
}
