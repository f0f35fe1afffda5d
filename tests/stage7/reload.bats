# Reloads: what may change, and what goes wrong without changing anything.
load lib
load master

make_site() { echo page >"$site/page"; }

descriptors() { ls "/proc/$pid/fd" | wc -l; }

# refused 'SED' 'LOG LINE'   twenty times, then all is as before
refused() {
	local before open
	before=$(crew)
	open=$(descriptors)
	change "$1"
	for i in $(seq 20); do
		kill -HUP "$pid"
		within 10 times_logged "$i" 'the old configuration stays$'
	done
	logged "$2"
	[ "$(crew)" = "$before" ]
	[ "$(descriptors)" = "$open" ]
	says one
	[ "$(cat "$tmp/server.pid")" = "$pid" ]
	stop
}

@test "a word that is none: its place is in the log, and nothing changes" {
	master 'return 200 one;'
	refused 's/return/retrun/' 'server.conf:3: unknown directive "retrun"'
}

@test "a port that another process has: likewise" {
	"$BUILT/server" 0 "$site" >"$tmp/other" 2>/dev/null 3>&- &
	other=$!
	within 10 grep -q listening "$tmp/other"
	local taken
	taken=$(sed 's|.*:\([0-9]*\)/|\1|' "$tmp/other")
	master 'return 200 one;'
	refused "s/listen/listen 127.0.0.1:$taken; listen/; s/root/\n&/" "server.conf:3: bind\(\) to 127.0.0.1:$taken failed: Address already in use"
	kill "$other"
	wait "$other"
}

@test "a log that can't be opened: likewise" {
	master 'return 200 one;'
	refused 's|return|access_log nowhere/access.log; return|' 'server.conf:3: open\(".*/nowhere/access.log"\): No such file'
}

@test "a pid file that can't be written: likewise" {
	master 'return 200 one;'
	refused 's|pid server.pid|pid nowhere/server.pid|' 'pid file ".*/nowhere/server.pid": No such file'
}

@test "a pid file of another name: the new one is there, the old one is not" {
	master 'return 200 one;'
	change 's/server.pid/other.pid/'
	reload
	[ "$(cat "$tmp/other.pid")" = "$pid" ]
	[ ! -e "$tmp/server.pid" ]
	stop
	[ ! -e "$tmp/other.pid" ]
}

@test "more workers, and fewer" {
	master 'return 200 one;'
	local count before
	for count in 4 1 3; do
		before=$(crew)
		change "s/worker_processes [0-9]*/worker_processes $count/"
		reload
		within 20 others "$before" "$count"
		says one
	done
	stop
}

sockets() { ss -Hltn "sport = :$port" | wc -l; }
sockets_are() { [ "$(sockets)" = "$1" ]; }

@test "reuseport comes and goes, with more workers and with fewer: the port stays" {
	command -v ss >/dev/null || skip "needs ss"
	master 'return 200 one;'
	sockets_are 1
	change 's/127.0.0.1:0/& reuseport/'
	reload
	within 10 sockets_are 2
	for _ in $(seq 20); do says one; done
	change 's/worker_processes 2/worker_processes 4/'
	reload
	within 10 sockets_are 4
	for _ in $(seq 20); do says one; done
	change 's/worker_processes 4/worker_processes 1/'
	reload
	within 10 sockets_are 1
	for _ in $(seq 20); do says one; done
	change 's/ reuseport//; s/worker_processes 1/worker_processes 2/'
	reload
	within 10 workers_are 2
	sockets_are 1
	for _ in $(seq 20); do says one; done
	stop
}

@test "the error log moves" {
	ERROR_LOG=$tmp/first.log master 'return 200 one;'
	change 's/first.log/second.log/'
	kill -HUP "$pid"
	within 10 grep -q 'reloaded$' "$tmp/second.log"
	change 's/return/retrun/'
	kill -HUP "$pid"
	within 10 grep -q 'unknown directive "retrun"' "$tmp/second.log"
	not grep retrun "$tmp/first.log"
	says one
	stop
}

@test "with accept_mutex: who waits for the new workers in vain goes on when one of them is killed" {
	master 'return 200 $pid;'
	change 's/worker_connections/accept_mutex on; worker_connections/'
	before=$(crew)
	reload
	within 10 others "$before"
	within 10 titled
	before=$(crew)
	change 's/worker_connections [0-9]*/worker_connections 1/' # too few to begin
	reload
	within 10 logged 'has ended with 1'
	accepting=$(curl -s -m 5 "$url/")
	grep -qx "$accepting" <<<"$before"
	kill -KILL "$accepting"
	within 10 says "$(grep -vx "$accepting" <<<"$before")"
	stop
}
