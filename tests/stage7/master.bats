#!/usr/bin/env bats
# Master and workers: which processes there are, which one replaces which, what each signal does.
load lib
load master

make_site() {
	head -c 30000000 /dev/zero >"$site/large"
}

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

@test "-s with the pid file of a process that has ended, and with none; -t makes none" {
	echo 'pid stale.pid; error_log stderr; events {} http { access_log off; server { listen 127.0.0.1:0; } }' >"$tmp/server.conf"
	run "$BUILT/server" -p "$tmp" -c server.conf -t 3>&-
	[ "$status" -eq 0 ]
	[ ! -e "$tmp/stale.pid" ]
	run "$BUILT/server" -p "$tmp" -c server.conf -s quit 3>&-
	[ "$status" -eq 1 ]
	[[ $output == *'stale.pid": is the server running?'* ]]
	(exit 0) &
	wait $!
	echo "$!" >"$tmp/stale.pid"
	run "$BUILT/server" -p "$tmp" -c server.conf -s quit 3>&-
	[ "$status" -eq 1 ]
	[[ $output == *"stale.pid\": process $! is not the server that has written it"* ]]
	rm "$tmp/stale.pid"
}

@test "-s signals the server that has written the pid file, and no other process" {
	master 'return 200 one;'
	local bystander wrong worker
	sleep 600 3>&- &
	bystander=$! holder=$! # it ends with the test
	worker=$(crew | head -n 1)
	for wrong in '' ' ' 0 1 -1 "-$bystander" "$bystander" "$bystander 1" "1 $bystander" "$worker" "$pid $pid" "${pid}x" "x$pid" \
		"$((pid + 4294967296))" 99999999999 99999999999999999999 "$(printf '%s\n%s' "$pid" 1)" 'server'; do
		printf '%s\n' "$wrong" >"$tmp/server.pid"
		run "$BUILT/server" -p "$tmp" -c server.conf -s stop 3>&-
		printf '%s: %s\n' "$wrong" "$output"
		[ "$status" -eq 1 ]
		[[ $output == *'no process number in '* || $output == *' is not the server that has written it' ]]
	done
	kill -0 "$bystander"
	kill -0 "$worker"
	says one
	# the file of another server, and a copy of the right file, prove nothing
	echo "$pid" >"$tmp/copy"
	mv "$tmp/copy" "$tmp/server.pid"
	run "$BUILT/server" -p "$tmp" -c server.conf -s stop 3>&-
	[ "$status" -eq 1 ]
	says one
	stop
}

@test "-s finds the new server while an old one with the same pid file finishes a download" {
	master ''
	local old=$pid slow
	# a download that goes on when this test reads it
	exec {slow}<>"/dev/tcp/127.0.0.1/$port"
	printf 'GET /large HTTP/1.0\r\n\r\n' >&"$slow"
	within 10 read -r -t 0 -u "$slow"
	kill -QUIT "$old"
	within 10 port_closed
	master 'return 200 one;'
	holder=$old # both end with the test
	"$BUILT/server" -p "$tmp" -c server.conf -s reload 3>&-
	within 20 logged reloaded
	kill -0 "$old"
	timeout 20 cat <&"$slow" | tail -c 30000000 | cmp - "$site/large"
	exec {slow}>&-
	within 10 gone_or_zombie "$old"
	wait "$old"
	[ "$(cat "$tmp/server.pid")" = "$pid" ]
	"$BUILT/server" -p "$tmp" -c server.conf -s stop 3>&-
	within 10 gone_or_zombie "$pid"
	wait "$pid"
	pid= holder=
}

@test "a worker that ends as soon as it is started does not keep the machine busy" {
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

older() { [ "$(ps -o etimes= -p "$1")" -ge 2 ]; } # the successor of a young one has to wait

@test "signals to a worker: those that are the master's do nothing, the others end it, and it is replaced" {
	WORKERS=1 master 'return 200 one;'
	local worker signal
	worker=$(workers)
	for signal in HUP WINCH USR2 PIPE CHLD; do kill -s "$signal" "$worker"; done
	says one
	[ "$(workers)" = "$worker" ]
	for signal in TERM INT QUIT; do
		worker=$(workers)
		within 10 older "$worker"
		kill -s "$signal" "$worker"
		within 10 others "$worker" 1
		says one
	done
	not grep -E 'died|ended with' "$log"
	stop
}

@test "signals to the master: INT and TERM end it at once, QUIT in peace, PIPE and CHLD not at all" {
	local signal
	for signal in INT TERM QUIT; do
		master 'return 200 one;'
		kill -PIPE "$pid"
		kill -CHLD "$pid"
		says one
		stop "$signal"
		[ ! -e "$tmp/server.pid" ]
	done
}

@test "QUIT and then TERM: who was patient need not be" {
	master ''
	curl -s --limit-rate 1k -o "$tmp/slow" "$url/large" 3>&- &
	local download=$!
	within 10 test -s "$tmp/slow"
	kill -QUIT "$pid"
	within 10 port_closed
	stop TERM
	kill "$download" # it would read on from its socket's buffer
}

@test "a terminal that changes its size is no reason to leave" {
	command -v script >/dev/null || skip "needs script"
	cat >"$tmp/server.conf" <<-END
		daemon off; worker_processes 2; pid server.pid; error_log $tmp/terminal.log info;
		events { worker_connections 64; }
		http { access_log off; server { listen unix:$tmp/socket; return 200 one; } }
	END
	cat >"$tmp/in-terminal" <<-END
		"$BUILT/server" -p "$tmp" -c server.conf &
		until [ -S "$tmp/socket" ] && curl -s --unix-socket "$tmp/socket" http://x/; do :; done
		trap 'echo resized' WINCH
		stty rows 50 cols 70
		curl -s -m 5 --unix-socket "$tmp/socket" http://x/
		kill -TERM \$!
		wait \$!
	END
	run timeout 30 script -qec "sh $tmp/in-terminal" "$tmp/typescript" 3>&-
	[ "$status" -eq 0 ]
	[[ $output == *resized* ]]
	not grep 'the workers leave' "$tmp/terminal.log"
}

@test "titles fit in what there is: of one letter, and behind a huge command line" {
	mkdir -p "$tmp/conf"
	master_with() { # its command line
		rm -f "$tmp/out"
		mkfifo "$tmp/out"
		(cd "$tmp" && exec env -i "$@") >"$tmp/out" 2>"$tmp/titles.log" 3>&- &
		pid=$!
		log=$tmp/titles.log
		local line
		read -r -t 60 line <"$tmp/out"
		within 10 workers_are 1
	}
	echo 'daemon off; worker_processes 1; pid server.pid; error_log stderr; events {} http { access_log off; server { listen 127.0.0.1:0; } }' >"$tmp/conf/server.conf"
	master_with bash -c "exec -c -a s $BUILT/server"
	[ "$(title "$pid")" = s ]
	[ "$(tr '\0' . <"/proc/$pid/cmdline")" = s. ]
	stop
	master_with "$BUILT/server" -g "# $(head -c 100000 /dev/zero | tr '\0' x)"
	within 10 titled
	[ "$(title "$pid")" = 'server: master' ]
	[ "$(title "$(workers)")" = 'server: worker 0' ]
	stop
}
