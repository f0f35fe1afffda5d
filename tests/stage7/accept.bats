#!/usr/bin/env bats
# Several workers, one address: who gets the newcomers, and what happens to them when a worker is full, killed or leaves.
# own network
load lib

setup_file() {
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/lab-stage7.XXXXXX")
	chmod 755 "$tmp"
	export tmp site=$tmp/site KNOCK=$TOP/build/tools/knock HOLD=$TOP/build/tools/hold
	mkdir -p "$site"
	build
	BUILT=$OURS/stage7 SANITIZE='' build
	locked make -s -C "$TOP" -f tools/helpers.mk build/tools/knock build/tools/hold >&2
}

# workers N 'DIRECTIVES of events {}' ['options of listen']   $pid is the master's; each answer says who gave it
workers() {
	cat >"$tmp/server.conf" <<-END
		daemon off; worker_processes $1; pid server.pid; error_log stderr info; ${OUTSIDE:-}
		events { worker_connections ${CONNECTIONS:-4096}; $2 }
		http {
			access_log off; add_header X-Worker \$pid; client_header_timeout 30s;
			server { listen ${ADDRESS:-127.0.0.1:0} ${3:-}; return 200 ok; }
		}
	END
	start_with
	within 20 workers_are "$1"
}

children() { pgrep -P "$pid" || true; }
workers_are() { [ "$(children | wc -l)" -eq "$1" ]; }
change() { sed -i "$1" "$tmp/server.conf"; }
reload() {
	local before
	before=$(children)
	kill -HUP "$pid"
	within 20 others "$1" "$before"
}
others() { workers_are "$1" && [ -z "$(comm -12 <(sort <<<"$2") <(children | sort))" ]; }
answers_someone() { [ "$(curl -s -m 5 "$url/")" = ok ]; }
who_answers() { curl -s -m 5 -o "$tmp/body" -D - "$url/" | sed -n 's/^X-Worker: \([0-9]*\).*/\1/p'; }
sockets() { # that listen on our port
	awk -v port="$(printf ':%04X' "$port")" '$4 == "0A" && $2 ~ port "$" { print $10 }' /proc/net/tcp /proc/net/tcp6
}
sockets_are() { [ "$(sockets | wc -l)" -eq "$1" ]; }

# hold_open [options] COUNT   in the background, until let_go
hold_open() {
	[ -p "$tmp/never" ] || mkfifo "$tmp/never"
	held=$tmp/held.$((++holds))
	"$HOLD" "${@:1:$#-1}" "$port" "${*: -1}" <>"$tmp/never" >"$held" 3>&- 4>&- &
	holder=$!
	within 30 grep -q stand "$held"
	cat "$held"
}
let_go() { # let_go HOLDER
	kill "$1"
	wait "$1" || true
}

# A head that never ends: its connection is in use, and none that could be closed for another.
ACTIVE='GET / HTTP/1.1\r\nHost: x\r\n'

# all_accept COUNT [-k]   ten thousand connections, and each of so many workers gets some
all_accept() {
	"$KNOCK" "${@:2}" "$port" 10000 >"$tmp/shares"
	cat "$tmp/shares"
	[ "$(wc -l <"$tmp/shares")" -eq "$1" ]
	[ "$(awk '{ n += $2 } END { print n }' "$tmp/shares")" -eq 10000 ]
}

# in_each 'DIRECTIVES' ['options']   short connections, then kept ones
in_each() {
	BUILT=$OURS/stage7 workers 4 "$@"
	all_accept 4
	all_accept 4 -k
	stop
}

@test "one after the other, each of four workers gets its share: the kernel wakes another after a while" {
	BUILT=$OURS/stage7 workers 4 ''
	"$KNOCK" -c 1 "$port" 4000 >"$tmp/shares"
	cat "$tmp/shares"
	[ "$(awk '$2 > 500' "$tmp/shares" | wc -l)" -eq 4 ]
	stop
}

@test "ten thousand connections, four workers: all of them accept" { in_each ''; }
@test "ten thousand, with multi_accept" { in_each 'multi_accept on;'; }
@test "ten thousand, with accept_mutex" { in_each 'accept_mutex on; accept_mutex_delay 10ms;'; }
@test "ten thousand, with an accept_mutex that is a lock of a file" {
	OUTSIDE="shared_mutex file; lock_file $tmp/lock;" in_each 'accept_mutex on; accept_mutex_delay 10ms;'
}
@test "ten thousand, with accept_mutex and multi_accept" { in_each 'accept_mutex on; accept_mutex_delay 10ms; multi_accept on;'; }
@test "ten thousand, with reuseport" { in_each '' reuseport; }
@test "ten thousand, with reuseport, where others would take turns" { in_each 'accept_mutex on;' reuseport; }

@test "accept_mutex alone: one worker, or no master, needs none" {
	workers 1 'accept_mutex on;'
	answers_someone
	stop
	cat >"$tmp/server.conf" <<-END
		daemon off; master_process off; worker_processes 4; pid server.pid; error_log stderr info;
		events { accept_mutex on; }
		http { access_log off; server { listen 127.0.0.1:0; return 200 ok; } }
	END
	start_with
	answers_someone
	stop
}

# Who has answered waits for the next, mutex in hand, unless another was faster.
kill_the_holder() {
	local holder
	holder=$(who_answers)
	kill -KILL "$holder"
	within 5 grep -q "worker process $holder has died" "$log"
	grep -q "the accept mutex was process $holder's" "$log"
}

@test "the holder of the accept mutex is killed: the master frees it, and others accept" {
	workers 3 'accept_mutex on;'
	within 20 kill_the_holder
	within 2 answers_someone
	within 20 workers_are 3
	stop
}

@test "the holder of the accept mutex leaves: others accept, and another takes its place" {
	workers 2 'accept_mutex on;'
	local leaver
	hold_open -s "$ACTIVE" 8 # most of them on the holder, which they keep from ending
	leaver=$(who_answers)
	kill -QUIT "$leaver"
	for _ in 1 2 3; do within 2 answers_someone; done
	let_go "$holder"
	replaced() { workers_are 2 && not grep -qx "$leaver" <(children); }
	within 10 replaced
	[ "$(who_answers)" != "$leaver" ]
	kill -QUIT "$pid"
	gone() { ! [ -d "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"; }
	within 10 gone "$pid"
	wait "$pid"
	pid=
	not grep -E 'alert|emerg' "$log"
}

@test "workers that take turns sleep when no client comes" {
	BUILT=$OURS/stage7 workers 2 'accept_mutex on; accept_mutex_delay 500ms;'
	answers_someone
	local w tracers=()
	for w in $(children); do
		timeout 2 strace -q -p "$w" -o "$tmp/trace.$w" 3>&- 4>&- &
		tracers+=($!)
	done
	wait "${tracers[@]}" || true
	wc -l "$tmp"/trace.*
	# one sleeps, the other looks every half second
	[ "$(cat "$tmp"/trace.* | wc -l)" -le 12 ]
	[ "$(cat "$tmp"/trace.* | grep -c epoll_wait)" -ge 4 ]
	stop
}

nobody_is_refused() { # nobody_is_refused 'DIRECTIVES'
	CONNECTIONS=20 workers 2 "$1"
	# each needs a few slots for itself
	hold_open -s "$ACTIVE" 30
	answers_someone
	local first=$holder
	hold_open -s "$ACTIVE" 20
	not curl -s -m 1 "$url/"
	let_go "$first"
	within 5 answers_someone
	let_go "$holder"
	not grep 'are not enough' "$log"
	stop
}

@test "a full worker leaves newcomers to others, and with all full they wait for room" { nobody_is_refused ''; }
@test "a full worker with accept_mutex does, too" { nobody_is_refused 'accept_mutex on; accept_mutex_delay 10ms;'; }

@test "a full worker alone refuses, because no other worker can take them" {
	CONNECTIONS=20 workers 1 ''
	hold_open -s "$ACTIVE" 30
	grep_alert() { grep -q '20 worker_connections are not enough' "$log"; }
	within 5 grep_alert
	let_go "$holder"
	not grep ' 0 closed' "$held"
	within 5 answers_someone
	stop
}

newcomers_find_room() { # newcomers_find_room 'DIRECTIVES' ['options']
	CONNECTIONS=64 workers 2 "$@"
	hold_open -k / 170
	grep -q '^170 stand' "$held"
	for _ in 1 2 3 4 5; do answers_someone; done
	let_go "$holder"
	[ "$(sed -n 's/.* open, \([0-9]*\) closed.*/\1/p' "$held")" -ge 42 ]
	not grep -q 'are not enough' "$log"
	stop
}

@test "two workers with 64 connections, 170 idle clients: the longest idle make room" { newcomers_find_room ''; }
@test "170 idle clients, with accept_mutex" { newcomers_find_room 'accept_mutex on; accept_mutex_delay 10ms;'; }
@test "170 idle clients, with reuseport" { newcomers_find_room '' reuseport; }

out_of_descriptors() {
	OUTSIDE='worker_rlimit_nofile 40;' workers 2 "$1"
	hold_open -s "$ACTIVE" 90
	within 5 grep -q 'accept4: Too many open files' "$log"
	not curl -s -m 1 "$url/"
	# a line for each pause of half a second, and not one for each event
	[ "$(grep -c 'Too many open files' "$log")" -lt 20 ]
	let_go "$holder"
	within 5 answers_someone
	stop
}

@test "without descriptors workers rest, and recover" { out_of_descriptors ''; }
@test "without descriptors the accept mutex is let go, and all recover" { out_of_descriptors 'accept_mutex on;'; }

# ---- reuseport: a socket a worker

@test "reuseport: the master has the sockets, each worker its own, and the successor of a killed one takes it over" {
	workers 4 '' reuseport
	local before w
	before=$(sockets)
	sockets_are 4
	own() { for w in "/proc/$1"/fd/*; do readlink "$w"; done | sed -n 's/^socket:\[\(.*\)\]$/\1/p' | grep -cFxf <(sockets); }
	each_has_one() { for w in $(children); do [ "$(own "$w")" = 1 ] || return 1; done; }
	within 10 each_has_one
	[ "$(own "$pid")" = 4 ]
	kill -KILL "$(children | head -n 1)"
	"$KNOCK" "$port" 400 >"$tmp/shares" # no client is lost, and none is left waiting
	within 10 each_has_one
	[ "$(sockets)" = "$before" ]
	stop
}

@test "reuseport: a reload keeps the sockets, with more or fewer workers, too" {
	workers 4 '' reuseport
	local before
	before=$(sockets)
	reload 4
	[ "$(sockets)" = "$before" ]
	change 's/worker_processes 4/worker_processes 2/'
	reload 2
	within 5 sockets_are 2
	[ -z "$(comm -23 <(sockets | sort) <(sort <<<"$before"))" ]
	"$KNOCK" "$port" 400 | tee "$tmp/shares"
	[ "$(wc -l <"$tmp/shares")" -eq 2 ]
	change 's/worker_processes 2/worker_processes 3/'
	reload 3
	within 5 sockets_are 3
	"$KNOCK" "$port" 400 | tee "$tmp/shares"
	[ "$(wc -l <"$tmp/shares")" -eq 3 ]
	stop
}

@test "reuseport comes and goes with a reload, and the port stays" {
	workers 3 ''
	local before
	before=$(sockets)
	change 's/ ; return/ reuseport; return/'
	reload 3
	sockets_are 3
	grep -qx "$before" <(sockets)
	"$KNOCK" "$port" 400 | tee "$tmp/shares"
	[ "$(wc -l <"$tmp/shares")" -eq 3 ]
	change 's/ reuseport;/;/'
	reload 3
	within 5 sockets_are 1
	"$KNOCK" "$port" 400
	stop
}

@test "reuseport: those who wait at a socket that goes are served, not reset" {
	BUILT=$OURS/stage7 workers 4 '' reuseport
	# stopped workers accept no client; what they find when they go on is their end, and a queue
	local old
	old=$(children)
	# shellcheck disable=SC2086  # numbers
	kill -STOP $old
	"$KNOCK" -c 40 "$port" 40 >"$tmp/shares" 3>&- 4>&- &
	local knock=$!
	queued() { [ "$(waiting)" -eq 40 ]; }
	within 10 queued
	change 's/worker_processes 4/worker_processes 1/'
	kill -HUP "$pid"
	within 10 grep -q 'reloaded$' "$log"
	# shellcheck disable=SC2086
	kill -CONT $old
	wait "$knock"
	cat "$tmp/shares"
	stop
}
waiting() { # to be accepted, at all the sockets
	local n sum=0
	for n in $(awk -v port="$(printf ':%04X' "$port")" '$4 == "0A" && $2 ~ port "$" { sub(/.*:/, "", $5); print $5 }' /proc/net/tcp); do
		sum=$((sum + 16#$n))
	done
	echo $sum
}

reloads_lose_nothing() { # reloads_lose_nothing 'DIRECTIVES' ['options']
	command -v wrk >/dev/null || skip "needs wrk"
	BUILT=$OURS/stage7 workers 3 "$@"
	wrk -t1 -c6 -d4 "$url/" >"$tmp/kept" 3>&- 4>&- &
	local kept=$!
	wrk -t1 -c6 -d4 -H 'Connection: close' "$url/" >"$tmp/fresh" 3>&- 4>&- &
	local fresh=$!
	reloads_are() { [ "$(grep -c 'reloaded$' "$log")" -ge "$1" ]; }
	for i in $(seq 10); do
		kill -HUP "$pid"
		within 10 reloads_are "$i"
	done
	wait "$kept" "$fresh"
	cat "$tmp/kept" "$tmp/fresh"
	[ "$(awk '/requests in/ { n += $1 } END { print n + 0 }' "$tmp/kept" "$tmp/fresh")" -gt 100 ]
	not grep -E 'Socket errors|Non-2xx' "$tmp/kept" "$tmp/fresh"
	stop
}
@test "ten reloads under load with reuseport lose no request" { reloads_lose_nothing '' reuseport; }
@test "ten reloads under load with accept_mutex lose no request" { reloads_lose_nothing 'accept_mutex on; accept_mutex_delay 50ms;'; }

@test "reuseport on all addresses, of both kinds" {
	ADDRESS='*:0' workers_anywhere 4
	if [ -e /proc/net/if_inet6 ]; then ADDRESS='[::]:0' workers_anywhere 4; fi
}
workers_anywhere() {
	local line
	cat >"$tmp/server.conf" <<-END
		daemon off; worker_processes 4; pid server.pid; error_log stderr info;
		events { worker_connections 64; }
		http { access_log off; add_header X-Worker \$pid; server { listen $ADDRESS reuseport ipv6only=off; return 200 ok; } }
	END
	not start_with
	port=${url##*:}
	url=http://127.0.0.1:$port
	within 10 workers_are "$1"
	sockets_are "$1"
	"$KNOCK" "$port" 400 | tee "$tmp/shares"
	[ "$(wc -l <"$tmp/shares")" -eq "$1" ]
	reload "$1"
	sockets_are "$1"
	stop
}

@test "reuseport with a unix socket is an error that says why" {
	config_error 'bad.conf:1: "reuseport" is for addresses with a port' "events {} http { server { listen unix:$tmp/socket reuseport; } }"
}

@test "more sockets than anybody can want are an error" {
	config_good "worker_processes 2000; events {} http { access_log off; server { listen 127.0.0.1:0 reuseport; } }"
	printf '%s\n' "daemon off; error_log stderr; worker_processes 2000; events {} http { access_log off; server { listen 127.0.0.1:0 reuseport; } }" >"$tmp/bad.conf"
	run "$BUILT/server" -p "$tmp" -c bad.conf 3>&-
	[ "$status" -eq 1 ]
	[[ $output == *'more than 1024 listening sockets'* ]]
}

@test "a test of the configuration does not join those who serve" {
	BUILT=$OURS/stage7 workers 2 '' reuseport
	sed "s/127.0.0.1:0/127.0.0.1:$port/; s/server.pid/other.pid/" "$tmp/server.conf" >"$tmp/other.conf"
	strace -q -e trace=bind,listen,setsockopt -o "$tmp/trace" "$OURS/stage7/server" -p "$tmp" -c other.conf -t 3>&- 4>&-
	cat "$tmp/trace"
	grep -q EADDRINUSE "$tmp/trace"
	not grep -q 'listen(' "$tmp/trace"
	stop
}
