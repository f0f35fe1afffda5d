# Log rotation: a rename and SIGUSR1, by people who may and workers who may not; no line is lost.
load lib
load master

make_site() {
	wire=$(tool wire)
	export wire
}

root_only() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	rm -rf "$tmp/private"
	mkdir -m 700 "$tmp/private"
	lines=$tmp/private/access.log
}

# logging 'ACCESS_LOG ARGUMENTS'
logging() {
	with_http "log_format short '\$request_uri end'; server { listen LISTEN; access_log $lines short $1; return 200 one; }"
}

in_new_file() { says one && [ -s "$lines" ]; }

@test "workers that gave up root's rights go on in a folder that is closed to them" {
	root_only
	ERROR_LOG=$tmp/private/error.log OUTSIDE='user nobody;' logging ''
	says one
	mv "$lines" "$lines.1"
	mv "$tmp/private/error.log" "$tmp/private/error.log.1"
	kill -USR1 "$pid"
	within 10 in_new_file
	[ "$(stat -c %U "$lines")" = root ]
	local worker
	for worker in $(workers); do
		grep -q '^Uid:	0' "/proc/$worker/status" && false
		written_by() { readlink "/proc/$worker/fd/"* | grep -qx "$1"; }
		within 10 written_by "$lines"
		within 10 written_by "$tmp/private/error.log"
		not written_by "$lines.1"
	done
	stop
	not grep -E 'alert|emerg' "$tmp/private/error.log" "$tmp/private/error.log.1"
}

@test "a worker that has just ended is sent nothing, and nothing is logged" {
	lines=$tmp/access.log
	logging ''
	before=$(workers)
	kill -STOP "$pid"
	# of the signals that wait, USR1 is the first
	kill -KILL $before
	kill -USR1 "$pid"
	kill -CONT "$pid"
	within 10 others "$before"
	says one
	stop
	not grep -q sendmsg "$log"
}

@test "no line is lost or torn in ten rotations under load" {
	root_only
	OUTSIDE='user nobody;' logging ''
	rotate_under_load
}

@test "no line is lost or torn when lines wait in a buffer" {
	root_only
	OUTSIDE='user nobody;' logging 'buffer=4k flush=20ms'
	rotate_under_load
}

rotate_under_load() {
	rm -f "$tmp/tap"
	mkfifo "$tmp/tap"
	"$wire" load -c 3 -k -d 1 "$port" 0 /some/path <"$tmp/tap" >"$tmp/report" 3>&- &
	local load=$! total
	exec {tap}>"$tmp/tap"
	for i in $(seq 10); do
		within 10 grep -q end "$lines"
		mv "$lines" "$lines.$i"
		kill -USR1 "$pid"
		within 10 test -e "$lines"
	done
	exec {tap}>&-
	wait "$load"
	stop
	cat "$tmp/report"
	total=$(sed -n 's/ requests answered.*//p' "$tmp/report")
	cat "$lines"* >"$tmp/all"
	[ "$(wc -l <"$tmp/all")" -eq "$total" ]
	[ "$(grep -cx '/some/path end' "$tmp/all")" -eq "$total" ]
}

@test "USR1 to a worker alone: it opens its logs by name" {
	lines=$tmp/own.log
	rm -f "$lines"*
	WORKERS=1 logging ''
	says one
	mv "$lines" "$lines.1"
	kill -USR1 "$(workers)"
	within 10 in_new_file
	stop
}

@test "a folder that is gone: the old file goes on, and a line says so" {
	mkdir -p "$tmp/logs"
	lines=$tmp/logs/access.log
	logging ''
	says one
	mv "$tmp/logs" "$tmp/moved"
	kill -USR1 "$pid"
	within 10 logged 'open\(".*/logs/access.log"\): No such file'
	says one
	says one
	within 10 test "$(wc -l <"$tmp/moved/access.log")" -ge 3
	mkdir "$tmp/logs"
	kill -USR1 "$pid"
	within 10 in_new_file
	stop
}

@test "a worker that does not read its channel holds no process up, and reads it later" {
	lines=$tmp/later.log
	rm -f "$lines"*
	WORKERS=1 logging ''
	says one
	local worker
	worker=$(workers)
	kill -STOP "$worker"
	for i in $(seq 400); do
		mv "$lines" "$lines.1"
		kill -USR1 "$pid"
		within 10 test -e "$lines"
	done
	logged 'sendmsg to worker process [0-9]+: Resource temporarily unavailable'
	kill -CONT "$worker"
	within 10 in_new_file
	stop
}
