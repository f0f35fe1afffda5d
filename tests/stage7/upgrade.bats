# Another binary takes over: the whole way, the way back, and what may go wrong on it.
load lib
load master

make_site() { echo page >"$site/page"; }

teardown() {
	local process
	for process in ${new:-} ${daemon:-} $(cat "$tmp/server.pid" 2>/dev/null); do kill -KILL "$process" 2>/dev/null || true; done
	if [ -n "${pid:-}" ]; then
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	fi
	if [ -s "${log:-}" ]; then sed 's/^/log: /' "$log" | tail -40; fi
}

rests() { [ "$(workers)" = "$new" ]; } # the old master's only child is the new one

@test "USR2, WINCH, QUIT: the new master has the pid file, and the socket is the same" {
	master 'return 200 one;'
	upgrade_from "$pid"
	[ "$(cat "$tmp/server.pid.oldbin")" = "$pid" ]
	says one
	kill -WINCH "$pid"
	within 10 rests
	says one
	kill -QUIT "$pid"
	within 10 gone_or_zombie "$pid"
	wait "$pid"
	[ ! -e "$tmp/server.pid.oldbin" ]
	says one
	kill -TERM "$new"
	within 10 gone "$new"
	pid=
	[ ! -e "$tmp/server.pid" ]
}

@test "taken back: HUP to the old master brings its workers without reading anything, QUIT ends the new one" {
	master 'return 200 one;'
	upgrade_from "$pid"
	kill -WINCH "$pid"
	within 10 rests
	says one
	change 's/return/retrun/'
	kill -HUP "$pid"
	within 10 workers_are 3
	kill -QUIT "$new"
	within 10 is_master "$pid"
	within 10 workers_are 2
	says one
	not logged 'retrun'
	stop
}

@test "a new master that is killed: the old one has its pid file and its workers back" {
	master 'return 200 one;'
	upgrade_from "$pid"
	kill -WINCH "$pid"
	within 10 rests
	kill -KILL "$new"
	within 10 is_master "$pid"
	within 10 workers_are 2
	says one
	logged "the new master $new has died: Killed"
	stop
}

@test "a new binary that refuses its configuration says why, and the old one goes on" {
	master 'return 200 one;'
	local before
	before=$(crew)
	change 's/return/retrun/'
	kill -USR2 "$pid"
	within 10 logged 'unknown directive "retrun"'
	within 10 is_master "$pid"
	[ "$(crew)" = "$before" ]
	says one
	change 's/retrun/return/'
	upgrade_from "$pid" # and what was wrong once can be right the next time
	kill -QUIT "$new"
	within 10 is_master "$pid"
	stop
}

@test "a new binary that is missing: a line says so, and the old one goes on" {
	cp "$BUILT/server" "$tmp/server"
	BUILT=$tmp master 'return 200 one;'
	rm "$tmp/server"
	kill -USR2 "$pid"
	within 10 logged 'execvp\(".*/server"\): No such file or directory'
	within 10 is_master "$pid"
	says one
	stop
}

@test "USR2 twice, and to the new master as well: one upgrade at a time" {
	master 'return 200 one;'
	upgrade_from "$pid"
	kill -USR2 "$pid"
	within 10 times_logged 1 'an upgrade is under way already'
	kill -USR2 "$new"
	within 10 times_logged 2 'an upgrade is under way already'
	[ "$(cat "$tmp/server.pid.oldbin")" = "$pid" ]
	[ "$(cat "$tmp/server.pid")" = "$new" ]
	kill -HUP "$pid"
	within 10 logged 'a new binary is on trial: nothing is reloaded'
	kill -QUIT "$new"
	within 10 is_master "$pid"
	says one
	stop
}

@test "a pid file that can't be renamed: no upgrade, and the old one goes on" {
	master 'return 200 one;'
	rm "$tmp/server.pid"
	kill -USR2 "$pid"
	within 10 logged 'rename\(".*/server.pid"\): No such file'
	workers_are 2
	says one
	stop
}

@test "a unix socket stays with the one who stays" {
	with_http "server { listen LISTEN; listen unix:$tmp/socket; return 200 one; }"
	local_says() { [ "$(curl -s -m 5 --unix-socket "$tmp/socket" http://x/)" = one ]; }
	upgrade_from "$pid"
	kill -TERM "$new"
	within 10 is_master "$pid"
	local_says
	upgrade_from "$pid"
	kill -QUIT "$pid"
	within 10 gone_or_zombie "$pid"
	local_says
	wait "$pid"
	kill -TERM "$new"
	within 10 gone "$new"
	[ ! -e "$tmp/socket" ]
	pid=
}

@test "many sockets: all are handed over" {
	CONNECTIONS=512 with_http "server { listen LISTEN; $(printf "listen unix:$tmp/s%d; " {1..300}) return 200 one; }"
	reload
	upgrade_from "$pid"
	kill -QUIT "$pid"
	within 10 gone_or_zombie "$pid"
	wait "$pid"
	for i in 1 256 257 300; do [ "$(curl -s -m 5 --unix-socket "$tmp/s$i" http://x/)" = one ]; done
	kill -TERM "$new"
	within 10 gone "$new"
	pid=
}

@test "a daemon: its starter waits until it serves, an upgrade does not lose sight of the new one" {
	ERROR_LOG=$tmp/error.log OUTSIDE='daemon on;' daemon_config 'return 200 one;'
	run timeout 20 "$BUILT/server" -p "$tmp" -c server.conf 3>&-
	[ "$status" -eq 0 ]
	url=${output#listening on }
	daemon=$(cat "$tmp/server.pid")
	[ "$(ps -o sid= -p "$daemon" | tr -d ' ')" = "$daemon" ]
	says one
	upgrade_from "$daemon"
	[ "$(cat "$tmp/server.pid.oldbin")" = "$daemon" ]
	kill -QUIT "$new"
	within 10 is_master "$daemon"
	change 's/return/retrun/'
	kill -USR2 "$daemon"
	within 10 grep -q 'server.conf:3: unknown directive "retrun"' "$tmp/error.log"
	within 10 is_master "$daemon"
	says one
	kill -TERM "$daemon"
	within 10 gone "$daemon"
	[ ! -e "$tmp/server.pid" ]
	not grep -E 'Sanitizer|runtime error' "$tmp/error.log"
}

@test "a daemon that can't start: its starter's exit status and its terminal say so" {
	OUTSIDE='daemon on;' daemon_config 'return 200 one;'
	change 's|pid [^;]*|pid nowhere/server.pid|'
	run timeout 20 "$BUILT/server" -p "$tmp" -c server.conf 3>&-
	[ "$status" -eq 1 ]
	[[ $output == *'nowhere/server.pid": No such file or directory'* ]]
}
daemon_config() {
	cat >"$tmp/server.conf" <<-END
		worker_processes 2; pid server.pid; error_log ${ERROR_LOG:-stderr} info; $OUTSIDE
		events { worker_connections 64; }
		http { access_log off; server { listen 127.0.0.1:0; $1 } }
	END
}
