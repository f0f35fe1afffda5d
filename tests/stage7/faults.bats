# What may happen to master and workers: killed, stopped, no process, no room, no folder, too many
# clients, a clock that is set. Nothing is stuck afterwards.
load lib
load master

make_site() {
	head -c 30000000 /dev/zero >"$site/large"
	traffic=$(tool traffic) hold=$(tool hold)
	fault=$tmp/fault.so
	"${CC:-cc}" -O1 -g -Wall -Wextra -Werror -D_GNU_SOURCE -shared -fPIC -o "$fault" "$BATS_TEST_DIRNAME/fault.c"
	# a sanitizer wants to be loaded first
	plain=$OURS/stage7
	BUILT=$plain SANITIZE='' build
	export traffic hold fault plain
}

# faulty NAME=VALUE 'DIRECTIVES of the server'   a master with that fault
faulty() {
	BUILT=$tmp/faulty
	mkdir -p "$BUILT"
	printf '#!/bin/sh\nexec env LD_PRELOAD=%s %s %s "$@"\n' "$fault" "$1" "$plain/server" >"$BUILT/server"
	chmod +x "$BUILT/server"
	master "$2"
}

teardown() {
	local process
	for process in ${clients:-} $(cat "$tmp/server.pid" 2>/dev/null); do kill -KILL "$process" 2>/dev/null || true; done
	if [ -n "${pid:-}" ]; then
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	fi
	if [ -s "${log:-}" ]; then sed 's/^/log: /' "$log" | tail -40; fi
}

begin_traffic() {
	rm -f "$tmp/tap"
	mkfifo "$tmp/tap"
	"$traffic" -t 1 "$port" <"$tmp/tap" >"$tmp/report" 3>&- &
	clients=$!
	exec {tap}>"$tmp/tap"
	within 10 grep -q 'under way' "$tmp/report"
}

# A process that is started meanwhile would keep the tap open.
close_tap() { exec {tap}>&-; }

end_traffic() { # the sum of what was lost and reset is $failed
	wait "$clients" || true
	clients=
	cat "$tmp/report"
	failed=$(awk '/answered/ { n += $4 + $6 } END { print n }' "$tmp/report")
}

busy='location = / { return 200 one; } location = /upload { return 200 done; }'

@test "a worker is killed under load: only its own clients notice, and afterwards no client does" {
	master "$busy"
	begin_traffic
	local victim
	victim=$(crew | head -n 1)
	kill -KILL "$victim"
	within 10 replaced "$victim"
	close_tap
	end_traffic
	[ "$failed" -le 8 ] # each of the eight clients had one request there at most
	begin_traffic
	close_tap
	end_traffic
	[ "$failed" -eq 0 ]
	stop
}

@test "the master is killed under load: the workers end themselves, and a new server has the port at once" {
	master "$busy"
	begin_traffic
	local orphans w
	orphans=$(crew)
	kill -KILL "$pid"
	wait "$pid" || true
	for w in $orphans; do within 10 gone "$w"; done
	change "s/127.0.0.1:0/127.0.0.1:$port/"
	close_tap
	local before=$port
	start_with
	[ "$port" = "$before" ]
	says one
	end_traffic
	stop
}

@test "workers see the end of the channel when no signal tells them" {
	faulty FAULT_ORPHAN=1 'return 200 one;'
	local orphans w
	orphans=$(crew)
	kill -KILL "$pid"
	for w in $orphans; do within 10 gone "$w"; done
	times_logged 2 'the master is gone'
}

@test "no channel is held by a process that has nothing to do with it" {
	WORKERS=3 master 'return 200 one;'
	reload
	within 10 workers_are 3
	local w
	kill -KILL "$(crew | head -n 1)"
	within 10 logged 'has died'
	within 10 workers_are 3
	within 10 titled
	[ "$(ls -l "/proc/$pid/fd" | grep -c 'socket:')" -eq 4 ] # one that listens, one a worker
	for w in $(workers); do [ "$(ls -l "/proc/$w/fd" | grep -c 'socket:')" -eq 2 ]; done
	stop
}

@test "fork fails: the others serve on, the master tries again, and an upgrade is put off" {
	faulty "FAULT_FORK=$tmp/full" 'return 200 one;'
	touch "$tmp/full"
	kill -KILL "$(crew | head -n 1)"
	within 10 logged 'fork: Resource temporarily unavailable'
	within 10 workers_are 1
	says one
	kill -USR2 "$pid"
	within 10 times_logged 2 'fork: Resource temporarily unavailable'
	is_master "$pid"
	rm "$tmp/full"
	within 20 workers_are 2
	says one
	stop
}

@test "fork fails in a reload: the old workers serve until there are new ones" {
	faulty "FAULT_FORK=$tmp/full" 'return 200 one;'
	local before
	before=$(crew)
	touch "$tmp/full"
	change 's/one/two/'
	reload
	within 10 logged 'fork: Resource'
	[ "$(crew)" = "$before" ]
	says one
	rm "$tmp/full"
	within 20 says two
	within 10 others "$before"
	stop
}

@test "a reload whose workers die at once: the old ones serve until there are better ones" {
	faulty "FAULT_FORK=$tmp/never" 'return 200 one;'
	local before
	before=$(crew)
	change 's/events/worker_rlimit_nofile 4; &/; s/one/two/'
	reload
	within 20 times_logged 4 'has ended with 1'
	says one
	[ -z "$(comm -23 <(sort <<<"$before") <(workers | sort))" ]
	change 's/worker_rlimit_nofile 4;//'
	reload
	within 10 others "$before"
	says two
	stop
}

@test "a folder without room for a pid file: no start, but who runs already goes on" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	unshare -m true || skip "needs a mount namespace"
	mkdir -p "$tmp/small"
	in_namespace() { # the server sees a file system of one page there
		printf '#!/bin/sh\nexec unshare -m sh -c '\''mount -t tmpfs -o size=4k tmpfs %s/small && %s; exec "$@"'\'' - %s "$@"\n' \
			"$tmp" "$1" "$OURS/stage7-sanitized/server" >"$tmp/server"
		chmod +x "$tmp/server"
	}
	in_namespace "head -c 4096 /dev/zero >$tmp/small/junk"
	cat >"$tmp/server.conf" <<-END
		daemon off; worker_processes 1; pid small/server.pid; error_log stderr info;
		events { worker_connections 64; }
		http { access_log off; server { listen 127.0.0.1:0; return 200 one; } }
	END
	run timeout 20 "$tmp/server" -p "$tmp" -c server.conf 3>&-
	[ "$status" -eq 1 ]
	[[ $output == *'pid file "'*'/small/server.pid": No space left on device'* ]]

	in_namespace true
	BUILT=$tmp start_with
	inside() { nsenter -t "$pid" -m "$@"; }
	within 10 workers_are 1
	inside test -s "$tmp/small/server.pid"
	inside sh -c "head -c 4096 /dev/zero >$tmp/small/junk" || true
	change 's|small/server.pid|small/other.pid|; s/one/two/'
	kill -HUP "$pid"
	within 10 logged 'pid file ".*/small/other.pid": No space left on device'
	inside test ! -e "$tmp/small/other.pid"
	says one
	change 's|small/other.pid|small/server.pid|'
	reload
	within 10 says two
	kill -USR2 "$pid"
	within 10 times_logged 1 'pid file ".*/small/server.pid": No space left on device'
	within 10 logged 'the new master [0-9]+ has ended with 1'
	within 10 inside grep -qx "$pid" "$tmp/small/server.pid"
	says two
	stop
}

@test "a worker that is stopped is killed when patience ends" {
	master 'return 200 one;'
	local worker
	worker=$(crew | head -n 1)
	kill -STOP "$worker"
	kill -TERM "$pid"
	within 20 gone_or_zombie "$pid"
	wait "$pid"
	pid=
	logged "worker process $worker has died: Killed"
	gone "$worker"
}

@test "a worker that dies at once five times: five forks in a while, and the master sleeps in between" {
	faulty "FAULT_FORK=$tmp/never" 'return 200 one;'
	change 's/events/worker_rlimit_nofile 4; &/'
	local began=$SECONDS used
	reload
	within 60 times_logged 7 'has ended with 1'
	# two each after 0, 1 and 3 s, and the first one after 7 s
	[ $((SECONDS - began)) -ge 6 ]
	used=$(awk '{ print $14 + $15 }' "/proc/$pid/stat") # in hundredths of a second
	echo "the master has used $used ticks"
	[ "$used" -lt 100 ]
	change 's/worker_rlimit_nofile 4;//'
	reload
	within 10 workers_are 2
	says one
	stop
}

zombies() { ps -o stat= --ppid "$pid" | grep -c '^Z' || true; }
no_zombies() { [ "$(zombies)" -eq 0 ]; }

@test "forty die at once, and two hundred SIGCHLD come: no zombie, and all are replaced" {
	WORKERS=40 CONNECTIONS=16 master 'return 200 one;'
	local before i
	before=$(crew)
	older() { [ "$(ps -o etimes= -p "$(crew | tail -n 1)")" -ge 2 ]; } # the young have to wait
	within 10 older
	# shellcheck disable=SC2086  # a number each
	kill -KILL $before
	for i in $(seq 200); do kill -CHLD "$pid"; done
	within 30 others "$before" 40
	within 10 no_zombies
	says one
	stop
}

descriptors() { local w; for w in $(crew); do ls "/proc/$w/fd" | wc -l; done | paste -sd+ | bc; }
descriptors_are() { [ "$(descriptors)" = "$1" ]; }

@test "five thousand connections where there is room for a thousand: served, nothing leaked, a quiet log" {
	[ "$(ulimit -Hn)" -ge 6000 ] || skip "needs 6000 descriptors"
	CONNECTIONS=512 master 'return 200 one;'
	says one
	local before began=$SECONDS
	before=$(descriptors)
	rm -f "$tmp/tap"
	mkfifo "$tmp/tap"
	(ulimit -n 6000 && exec "$hold" "$port" 5000) <"$tmp/tap" >"$tmp/held" 3>&- &
	clients=$!
	exec {tap}>"$tmp/tap"
	within 60 grep -q stand "$tmp/held"
	cat "$tmp/held"
	grep -qx '5000 stand' "$tmp/held"
	[ "$(descriptors)" -le $((before + 2 * 512)) ]
	says one
	exec {tap}>&-
	wait "$clients"
	clients=
	within 20 descriptors_are "$before"
	says one
	# a line a second and worker at most
	[ "$(wc -l <"$log")" -le $((2 * (SECONDS - began + 2))) ]
	stop
}

date_is() { # date_is SECONDS   the answer's Date is that far from now
	local said
	said=$(date -d "$(curl -s -m 5 -D - -o /dev/null "$url/" | sed -n 's/^Date: \(.*\)\r$/\1/p')" +%s)
	[ $((said - $(date +%s) - $1)) -ge -3 ] && [ $((said - $(date +%s) - $1)) -le 3 ]
}

@test "the clock is set back, and forward: dates follow, timeouts do not" {
	echo 0 >"$tmp/wrong"
	WORKERS=1 faulty "FAULT_CLOCK=$tmp/wrong" 'keepalive_timeout 2s; client_header_timeout 60s; return 200 one;'
	within 10 date_is 0
	local idle new_head wrong
	for wrong in -7200 7200; do
		echo 0 >"$tmp/wrong"
		within 10 date_is 0
		exec {idle}<>"/dev/tcp/127.0.0.1/$port" {begun}<>"/dev/tcp/127.0.0.1/$port"
		printf 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' >&"$idle"
		printf 'GET / HT' >&"$begun"
		echo "$wrong" >"$tmp/wrong"
		within 10 date_is "$wrong"
		# ends after its two seconds, not after two hours
		timeout 10 cat <&"$idle" >"$tmp/got"
		grep -q one "$tmp/got"
		# goes on, although two hours are over
		printf 'TP/1.0\r\n\r\n' >&"$begun"
		timeout 10 cat <&"$begun" >"$tmp/got"
		grep -q one "$tmp/got"
		exec {idle}>&- {begun}>&-
	done
	stop
}
