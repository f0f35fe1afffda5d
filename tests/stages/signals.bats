# SIGINT and SIGTERM end a server whatever it does: exit 0, nothing left. (faults.bats sends one
# before every single call.)
# long: it begins early
load lib

idle() {
	for signal in TERM INT; do
		serve
		stop "$signal"
		serve
		gets / "$site/index.html"
		stop "$signal"
		serve
		kill -s "$signal" "$pid" # impatient people press it twice
		stop "$signal" 2>/dev/null || ended
	done
}
@test "while no client is there" {
	each_stage idle
}

silent_client() {
	for signal in TERM INT; do
		serve
		talk
		say 'connect A $1' 'connect B $1' 'send B "GET / HT"'
		[ "$stage" = 01-blocking ] || say 'wait B read'
		say 'print there'
		within 20 grep -q there "$tmp/heard"
		stop "$signal"
		say 'expect A closed' 'expect B closed'
		hush
	done
}
@test "while clients say nothing, or half of it" {
	need_sock
	each_stage silent_client
}

# The sendfile of stages 1 to 4 waits for the client just then.
slow_reader() {
	for signal in TERM INT; do
		serve
		talk
		say 'connect A $1 rcvbuf=4096' 'send A "GET /huge HTTP/1.0\r\n\r\n"' 'find A "\r\n\r\n"' \
			'connect B $1 rcvbuf=4096' 'send B "GET /huge HTTP/1.0\r\n\r\n"' 'print there'
		within 20 grep -q there "$tmp/heard"
		within 20 all_asleep
		stop "$signal"
		hush
	done
}
@test "while a client does not read" {
	need_sock
	truncate -s 100M "$site/huge"
	each_stage slow_reader
}

# A client is ready at every turn, so that a wait which lets signals in only while it sleeps never does.
rush() {
	for signal in TERM INT; do
		local clients=()
		serve "$site" 1
		for i in $(seq 12); do
			curl -s -o /dev/null "http://127.0.0.1:$port/endless" 3>&- 4>&- &
			clients+=($!)
		done
		within 20 busy
		stop "$signal"
		wait "${clients[@]}" || true
	done
}
@test "while twelve fast clients download" {
	truncate -s 1T "$site/endless"
	STAGES=$(only 5 6 fork thread handoff uring) each_stage rush
	rm "$site/endless"
}
busy() { [ "$(netstat -tn 2>/dev/null | grep -c "127.0.0.1:$port .*ESTABLISHED")" -ge 24 ]; }

all_asleep() {
	not grep -q '^[^S]' <(ps -o stat= -s "$pid")
}

# Writing to a client that has gone raises SIGPIPE, which ends who does not expect it.
sigpipe() {
	serve
	for _ in {1..20}; do
		play <<-'END'
			connect A $1 rcvbuf=4096
			send A "GET /huge HTTP/1.0\r\n\r\n"
			read A 10
			shutdown A rd
			reset A
		END
	done
	kill -PIPE "$pid"
	gets / "$site/index.html"
	stop
}
@test "SIGPIPE is survived" {
	need_sock
	truncate -s 100M "$site/huge"
	each_stage sigpipe
}

# Stopped and continued: calls that waited end early with EINTR, and no client notices.
stopped() {
	serve
	talk
	say 'connect A $1' 'send A "GET /pl"' 'wait A read' 'print there'
	within 20 grep -q there "$tmp/heard"
	for _ in 1 2 3; do
		kill -STOP -- "-$pid"
		within 10 all_stopped
		kill -CONT -- "-$pid"
	done
	say 'send A "ain.txt HTTP/1.0\r\n\r\n"' 'expect A "HTTP/1.0 200 "'
	hush
	[ ! -s "$log" ]
	stop
}
@test "Ctrl-Z and fg do no harm" {
	need_sock
	each_stage stopped
}

all_stopped() {
	not grep -q '^[^T]' <(ps -o stat= -s "$pid")
}
