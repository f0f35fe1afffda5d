# Slow work in threads: a client that waits gets its answer, and no client gets a slot too soon.
load lib
load slow

make_site() {
	echo page >"$site/index.html"
	head -c 300000 /dev/urandom >"$site/large"
	make_slow_disk
}

SLOW='location /slow { demo_slow 1s; } location /page { return 200 page; }
	location /status { return 200 $connections_writing; }'

# slow NAME   a client asks, in the background: $client, the answer is in $tmp/NAME
slow() {
	curl -sS -m 20 -o "$tmp/$1" "$url/slow?$1" 3>&- &
	client=$!
}

# leave NAME   a client asks, the server reads it, and the client resets. The page before says that it has
# been heard: both came in one piece. Unread, it makes his end a reset.
leave() {
	local socket
	exec {socket}<>"/dev/tcp/127.0.0.1/$port" || return
	cat <<<$'GET /page HTTP/1.1\nHost: x\n\nGET /slow?'"$1"$' HTTP/1.1\nHost: x\n' >&"$socket"
	within 10 read -r -t 0 -u "$socket"
	exec {socket}>&-
}

left() { [ "$(grep -c 'client left before its answer was whole' "$log")" -eq "$1" ]; }
dropped() { [ "$(grep -c 'a result is dropped: its client has left' "$log")" -eq "$1" ]; }
works() { fetch /status && [ "$(cat "$body")" -gt "$1" ]; } # so many requests wait for their answers
threads() { ls "/proc/$pid/task" | wc -l; }
has_threads() { [ "$(threads)" -eq "$1" ]; }
is_refused() { not curl -sS -m 5 -o /dev/null "$url/page"; }
is_served() { curl -sS -m 5 -o /dev/null "$url/page"; }

@test "each gets the answer to his own question, and the others are served meanwhile" {
	server "$SLOW"
	for name in Ann Ben Eve Joe; do
		slow "$name"
		clients[${#clients[@]}]=$client
	done
	answers 200 /page
	not grep -q for "$tmp"/{Ann,Ben,Eve,Joe}
	wait "${clients[@]}"
	for name in Ann Ben Eve Joe; do [ "$(cat "$tmp/$name")" = "for $name, after 1000 ms of work" ]; done
	answers 405 -X POST /slow
	stop
}

@test "Ann leaves, Ben comes: he gets his answer, whatever the delay" {
	for delay in 0 1ms 1h; do
		EVENTS="connection_recycle_delay $delay;" server "$SLOW"
		for ((i = 1; i <= 5; i++)); do
			leave Ann
			within 10 left "$i"
		done
		slow Ben
		wait "$client"
		[ "$(cat "$tmp/Ben")" = 'for Ben, after 1000 ms of work' ]
		within 10 dropped 5
		is_served
		stop
	done
}

@test "who has only finished sending gets his answer" {
	server "$SLOW"
	python3 - "$port" >"$tmp/half" <<-'END'
		import socket, sys
		s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		s.sendall(b"GET /slow?Ann HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		s.shutdown(socket.SHUT_WR)
		while (got := s.recv(4096)): sys.stdout.write(got.decode())
	END
	grep -q 'for Ann, after 1000 ms' "$tmp/half"
	stop
}

@test "a flood of clients who ask and leave: a quarter of the places, then newcomers are refused; then it is over" {
	CONNECTIONS=16 EVENTS='connection_recycle_delay 4s;' server "$SLOW"
	for i in 1 2 3 4; do
		leave "$i"
		within 10 left "$i"
	done
	for _ in 1 2 3 4 5; do is_refused; done
	grep -q 'connections are closing, . parked: newcomers are refused' "$log"
	[ "$(grep -c 'newcomers are refused' "$log")" -le 3 ] # a line a second, not one for each
	within 10 dropped 4
	is_refused
	within 10 is_served
	stop
}

@test "a graceful stop waits for those whose client is there" {
	server "$SLOW"
	slow Ann
	within 10 works 1
	stop QUIT
	wait "$client"
	[ "$(cat "$tmp/Ann")" = 'for Ann, after 1000 ms of work' ]
}

@test "a graceful stop does not wait for those whose client has left, and a fast stop waits for no client" {
	OUTSIDE='thread_pool default threads=1;' server "${SLOW/1s/3s}"
	for i in 1 2 3 4 5 6 7 8 9 10; do
		leave "$i"
		within 10 left "$i"
	done
	began=$SECONDS
	stop QUIT
	[ $((SECONDS - began)) -lt 15 ] # the one at work is finished; all of them would take 30 s
	OUTSIDE='thread_pool default threads=1;' server "${SLOW/1s/3s}"
	for i in 1 2 3 4 5 6 7 8 9 10; do slow "$i"; done
	within 15 works 5
	began=$SECONDS
	stop
	[ $((SECONDS - began)) -lt 10 ]
}

@test "a reload: who has asked gets his answer from the old worker" {
	cat >"$tmp/server.conf" <<-END
		daemon off; worker_processes 1; pid server.pid; error_log stderr info;
		events { worker_connections 64; }
		http { access_log off; server { listen 127.0.0.1:0; root $site; $SLOW } }
	END
	start_with
	within 10 is_served
	slow Ann
	kill -HUP "$pid"
	slow_again() { answers 200 '/slow?Ben'; }
	slow_again
	wait "$client"
	[ "$(cat "$tmp/Ann")" = 'for Ann, after 1000 ms of work' ]
	stop
}

@test "there are threads only when something asks for them, and as many as it says" {
	server ''
	without=$(threads)
	stop
	OUTSIDE='thread_pool one threads=5; thread_pool two threads=7;' server 'location / { aio threads=one; }'
	within 10 has_threads $((without + 5))
	for task in "/proc/$pid/task"/*; do
		[ "${task##*/}" != "$pid" ] || continue
		blocked=0x$(awk '/^SigBlk:/ { print $2 }' "$task/status")
		[ $((blocked >> (14 - 1) & 1)) -eq 1 ] # SIGALRM, like all: signals are for the loop
	done
	stop
	server 'aio threads;'
	within 10 has_threads $((without + 32))
	stop
}

@test "a full queue: 503, and the log says so, once a second" {
	OUTSIDE='thread_pool default threads=1 max_queue=2;' server "$SLOW"
	for i in 1 2 3 4 5 6; do
		slow "$i"
		clients[i]=$client
	done
	within 10 grep -q 'thread pool "default": 2 tasks wait, which is all that may' "$log"
	wait "${clients[@]}"
	[ "$(cat "$tmp"/[1-6] | grep -c '^for')" -ge 3 ]
	[ "$(cat "$tmp"/[1-6] | grep -c 503)" -ge 1 ]
	is_served
	stop
}

@test "ThreadSanitizer finds nothing: the pool, the table, a server under load" {
	echo 'int main(void) { return 0; }' >"$tmp/empty.c"
	"${CC:-cc}" -fsanitize=thread "$tmp/empty.c" -o "$tmp/empty" 2>"$tmp/why" && "$tmp/empty" 2>"$tmp/why" ||
		skip "no ThreadSanitizer here: $(head -n 1 "$tmp/why")"
	BUILT=$OURS/stage7-thread SANITIZE=thread
	build "$BUILT/server" "$BUILT/parts.a"
	for name in thread recycle; do
		"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -g -O1 -fsanitize=thread -I"$STAGE/src" -I"$BATS_TEST_DIRNAME/unit" \
			"$BATS_TEST_DIRNAME/unit/$name.c" "$BUILT/parts.a" -o "$tmp/$name-thread"
		"$tmp/$name-thread"
	done
	slow_disk large
	disk_answers
	server 'aio threads; location /slow { demo_slow 100ms; } location /page { return 200 page; }'
	for i in 1 2 3 4 5; do
		leave "$i"
		for n in 1 2 3 4; do
			curl -sS -m 20 -o /dev/null "$url/large" -o /dev/null "$url/slow?$i" 3>&- &
			clients[n]=$!
		done
		wait "${clients[@]}"
	done
	leave last
	stop
}
