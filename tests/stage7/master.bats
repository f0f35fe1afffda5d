#!/usr/bin/env bats
# Master and workers: who is there, who follows whom, what a reload and an upgrade cost.
load lib

make_site() {
	head -c 30000000 /dev/zero >"$site/large"
}

master() { # master 'DIRECTIVES inside server {}'   two workers; $pid is the master's
	cat >"$tmp/server.conf" <<-END
		daemon off; worker_processes ${WORKERS:-2}; pid server.pid; error_log stderr info;
		events { worker_connections 256; }
		http { access_log off; server { listen 127.0.0.1:0; root $site; $1 } }
	END
	start_with
	within 10 workers_are "${WORKERS:-2}"
}

workers() { pgrep -P "${1:-$pid}" || true; } # of the master $1, or ours

workers_are() { [ "$(workers | wc -l)" -eq "$1" ]; }
title() { echo $(tr '\0' ' ' <"/proc/$1/cmdline"); }
says() { [ "$(curl -s -m 5 "$url/")" = "$1" ]; }
gone() { not kill -0 "$1" 2>/dev/null; }
replaced() { workers_are 2 && not grep -qx "$1" <(workers); }
others() { workers_are 2 && [ -z "$(comm -12 <(sort <<<"$1") <(workers | sort))" ]; }
change() { sed -i "$1" "$tmp/server.conf"; }

@test "a master and two workers, with titles, and a pid file while they run" {
	master 'return 200 one;'
	says one
	[ "$(cat "$tmp/server.pid")" = "$pid" ]
	[ "$(title "$pid")" = 'server: master' ]
	titled() { [ "$(for w in $(workers); do title "$w"; done | sort | tr '\n' ,)" = 'server: worker 0,server: worker 1,' ]; }
	within 10 titled
	stop
	[ ! -e "$tmp/server.pid" ]
}

@test "a worker that is killed is replaced, and the log says how it ended" {
	master 'return 200 one;'
	local victim
	victim=$(workers | head -n 1)
	kill -KILL "$victim"
	within 10 replaced "$victim"
	says one
	grep -q "worker process $victim has died: Killed" "$log"
	stop
}

@test "workers end when their master is killed" {
	master 'return 200 one;'
	local orphans
	orphans=$(workers)
	kill -KILL "$pid"
	for w in $orphans; do within 10 gone "$w"; done
}

@test "SIGHUP takes a new configuration on, and keeps the port" {
	master 'return 200 one;'
	local before
	before=$(workers)
	change 's/one/two/'
	kill -HUP "$pid"
	within 10 says two
	within 10 others "$before"
	stop
}

@test "a faulty configuration is logged with its place, and changes nothing" {
	master 'return 200 one;'
	local before
	before=$(workers)
	change 's/return/retrun/'
	kill -HUP "$pid"
	within 10 grep -q 'server.conf:3: unknown directive "retrun"' "$log"
	says one
	[ "$(workers)" = "$before" ]
	stop
}

@test "an address that is no longer listened on is refused at once, though a download goes on" {
	master ''
	local old=$url
	rm -f "$tmp/got"
	curl -s --limit-rate 2m -o "$tmp/got" "$url/large" 3>&- &
	local download=$!
	within 10 test -s "$tmp/got"
	change 's/127.0.0.1:0/127.0.0.2:0/'
	kill -HUP "$pid"
	refused() { not curl -s -o /dev/null -m 2 "$old/"; }
	within 10 refused
	wait "$download"
	cmp "$tmp/got" "$site/large"
	stop
}

@test "SIGQUIT lets a download finish, and frees the port at once" {
	master ''
	rm -f "$tmp/got"
	curl -s --limit-rate 8m -o "$tmp/got" "$url/large" 3>&- &
	local download=$!
	within 10 test -s "$tmp/got"
	kill -QUIT "$pid"
	refused() { not curl -s -o /dev/null -m 2 "$url/"; }
	within 10 refused
	wait "$download"
	cmp "$tmp/got" "$site/large"
	within 10 gone "$pid"
	pid=
}

@test "twenty reloads under load lose no request, on kept connections and on fresh ones" {
	command -v wrk >/dev/null || skip "needs wrk"
	master 'return 200 one;'
	wrk -t1 -c6 -d6 "$url/" >"$tmp/kept" 3>&- &
	local kept=$!
	wrk -t1 -c3 -d6 -H 'Connection: close' "$url/" >"$tmp/fresh" 3>&- &
	local fresh=$!
	for i in $(seq 20); do
		kill -HUP "$pid"
		within 10 reloads_are "$i"
	done
	wait "$kept" "$fresh"
	lost_nothing
	stop
}
reloads_are() { [ "$(grep -c 'reloaded$' "$log")" -ge "$1" ]; }
lost_nothing() {
	cat "$tmp/kept" "$tmp/fresh"
	[ "$(awk '/requests in/ { n += $1 } END { print n + 0 }' "$tmp/kept" "$tmp/fresh")" -gt 100 ]
	not grep -E 'Socket errors|Non-2xx' "$tmp/kept" "$tmp/fresh"
}

# The new master is not our child: only its pid file tells who it is.
new_master() { [ -s "$tmp/server.pid" ] && [ "$(cat "$tmp/server.pid")" != "$1" ] && [ "$(workers "$(cat "$tmp/server.pid")" | wc -l)" -eq 2 ]; }

@test "SIGUSR2, WINCH, QUIT: five binaries take over one from the other under load, and no request is lost" {
	command -v wrk >/dev/null || skip "needs wrk"
	master 'return 200 one;'
	local first=$pid old=$pid
	wrk -t1 -c6 -d8 "$url/" >"$tmp/kept" 3>&- &
	local kept=$!
	wrk -t1 -c3 -d8 -H 'Connection: close' "$url/" >"$tmp/fresh" 3>&- &
	local fresh=$!
	for i in 1 2 3 4 5; do
		kill -USR2 "$old"
		within 20 new_master "$old"
		[ "$(cat "$tmp/server.pid.oldbin")" = "$old" ]
		kill -WINCH "$old"
		kill -QUIT "$old"
		within 20 gone_or_zombie "$old"
		old=$(cat "$tmp/server.pid")
	done
	wait "$kept" "$fresh"
	lost_nothing
	wait "$first"
	kill -TERM "$old"
	within 10 gone "$old"
	pid=
	[ ! -e "$tmp/server.pid" ] && [ ! -e "$tmp/server.pid.oldbin" ]
}
gone_or_zombie() { ! [ -d "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"; }

@test "an upgrade that is taken back: HUP to the old master, QUIT to the new one" {
	master 'return 200 one;'
	kill -USR2 "$pid"
	within 20 new_master "$pid"
	local new
	new=$(cat "$tmp/server.pid")
	kill -WINCH "$pid"
	only_the_new() { [ "$(workers | grep -vxc "$new")" -eq 0 ]; }
	within 10 only_the_new
	says one
	kill -HUP "$pid"
	kill -QUIT "$new"
	within 10 workers_are 2
	says one
	own_again() { [ "$(cat "$tmp/server.pid")" = "$pid" ]; }
	within 10 own_again
	stop
}

@test "an upgrade to a binary that can't start: the old one goes on, with its pid file" {
	master 'return 200 one;'
	change 's/return/retrun/'
	kill -USR2 "$pid"
	mine() { [ -s "$tmp/server.pid" ] && [ "$(cat "$tmp/server.pid")" = "$pid" ] && [ ! -e "$tmp/server.pid.oldbin" ]; }
	within 10 grep -q 'unknown directive "retrun"' "$log"
	within 10 mine
	says one
	stop
}

@test "SIGUSR1 opens the logs again, in the master and in the workers" {
	master "access_log $tmp/access.log combined; return 200 one;"
	says one
	mv "$tmp/access.log" "$tmp/access.log.1"
	kill -USR1 "$pid"
	logged() { says one && [ -s "$tmp/access.log" ]; }
	within 10 logged
	stop
}

@test "-s stop, quit, reload and reopen find the master by its pid file" {
	master 'return 200 one;'
	change 's/one/two/'
	"$BUILT/server" -p "$tmp" -c server.conf -s reload 3>&-
	within 10 says two
	"$BUILT/server" -p "$tmp" -c server.conf -s quit 3>&-
	within 10 gone_or_zombie "$pid"
	wait "$pid"
	pid=
	run "$BUILT/server" -p "$tmp" -c server.conf -s stop 3>&-
	[ "$status" -eq 1 ]
	[[ $output == *"is the server running?"* ]]
}

@test "a worker that dies as soon as it is born does not keep the machine busy" {
	# too few descriptors even for an epoll: it ends at once, and so does its successor
	local began=$SECONDS
	cat >"$tmp/server.conf" <<-END
		daemon off; worker_processes 1; worker_rlimit_nofile 4; pid server.pid; error_log stderr info;
		events { worker_connections 16; }
		http { access_log off; server { listen 127.0.0.1:0; return 200 one; } }
	END
	start_with
	within 30 deaths_are 3
	[ $((SECONDS - began)) -ge 2 ] # the second after a second, the third after two more
	stop
}
deaths_are() { [ "$(grep -c 'has ended with' "$log")" -ge "$1" ]; }

@test "workers give up root's rights, keep to their cores, and still end with their master" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	cat >"$tmp/server.conf" <<-END
		daemon off; worker_processes 2; worker_cpu_affinity 1; user nobody; pid server.pid; error_log stderr info;
		events { worker_connections 64; }
		http { access_log off; server { listen 127.0.0.1:0; return 200 one; } }
	END
	start_with
	within 10 says one
	local w
	for w in $(workers); do
		within 10 grep -q "^Uid:	$(id -u nobody)" "/proc/$w/status"
		grep -qx 'Cpus_allowed_list:	0' "/proc/$w/status"
	done
	local orphans
	orphans=$(workers)
	kill -KILL "$pid"
	for w in $orphans; do within 10 gone "$w"; done
}

@test "unknown users, groups and odd masks are errors with their place" {
	config_error 'bad.conf:1: there is no user "nobody-at-all"' 'user nobody-at-all; events {}'
	config_error 'bad.conf:1: there is no group "no-group-at-all"' "user $(id -un) no-group-at-all; events {}"
	config_error 'bad.conf:1' 'worker_cpu_affinity 012; events {}'
	config_good 'worker_cpu_affinity auto; events {}'
}

@test "worker_shutdown_timeout ends a download that takes too long" {
	cat >"$tmp/server.conf" <<-END
		daemon off; worker_processes 1; worker_shutdown_timeout 300ms; pid server.pid; error_log stderr info;
		events { worker_connections 64; }
		http { access_log off; server { listen 127.0.0.1:0; root $site; } }
	END
	start_with
	rm -f "$tmp/got"
	curl -s --limit-rate 1k -o "$tmp/got" "$url/large" 3>&- &
	local download=$!
	within 10 test -s "$tmp/got"
	kill -QUIT "$pid"
	within 10 gone_or_zombie "$pid"
	grep -q worker_shutdown_timeout "$log"
	kill "$download"
	pid=
}
