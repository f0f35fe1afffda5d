# Reloads and upgrades while clients of four kinds are at work: kept connections, fresh ones, a
# long download and a slow upload. Not one request may be lost, not one connection reset.
load lib
load master

make_site() {
	head -c 30000000 /dev/zero >"$site/large"
	traffic=$(tool traffic)
	export traffic
}

busy_master() {
	master 'location = / { return 200 one; } location = /upload { return 200 done; }'
	rm -f "$tmp/tap"
	mkfifo "$tmp/tap"
	"$traffic" -t "${SLOWLY:-3}" "$port" <"$tmp/tap" >"$tmp/report" 3>&- &
	clients=$!
	exec {tap}>"$tmp/tap"
	within 10 grep -q 'under way' "$tmp/report"
}

nothing_is_lost() {
	local code=0
	exec {tap}>&-
	wait "$clients" || code=$?
	cat "$tmp/report"
	[ "$code" -eq 0 ]
	[ "$(grep -cE ' [1-9][0-9]* answered, 0 lost, 0 reset$' "$tmp/report")" -eq 4 ]
}

teardown() {
	if [ -n "${clients:-}" ]; then kill "$clients" 2>/dev/null || true; fi
	if [ -n "${new:-}" ]; then kill -KILL "$new" 2>/dev/null || true; fi
	if [ -n "${pid:-}" ]; then
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	fi
	if [ -s "${log:-}" ]; then sed 's/^/log: /' "$log" | tail -40; fi
}

@test "twenty reloads" {
	busy_master
	for _ in $(seq 20); do reload; done
	nothing_is_lost
	stop
}

@test "twenty reloads with a socket for each worker" {
	REUSEPORT=reuseport busy_master
	for _ in $(seq 20); do reload; done
	nothing_is_lost
	stop
}

@test "five binaries take over one from the other" {
	busy_master
	local first=$pid old=$pid
	for _ in 1 2 3 4 5; do
		upgrade_from "$old"
		kill -WINCH "$old"
		kill -QUIT "$old"
		# it stays until the download and the upload that it has begun are over
		within 30 gone_or_zombie "$old"
		old=$new
	done
	nothing_is_lost
	wait "$first"
	kill -TERM "$old"
	within 20 gone "$old"
	pid=
	[ ! -e "$tmp/server.pid" ] && [ ! -e "$tmp/server.pid.oldbin" ]
}

@test "an upgrade that is taken back" {
	busy_master
	upgrade_from "$pid"
	kill -WINCH "$pid"
	only_the_new() { [ "$(workers)" = "$new" ]; }
	within 30 only_the_new
	kill -HUP "$pid"
	within 20 workers_are 3
	kill -QUIT "$new"
	within 30 is_master "$pid"
	nothing_is_lost
	stop
}
