# Which connections stay, and requests that come in one piece.
load lib

make_site() {
	echo 'one' >"$site/one"
	head -c 200000 /dev/urandom >"$site/big"
}

says() { # says CONNECTION 'request head'
	raw "$2\r\n\r\n" 2
	grep -q "^Connection: $1" "$answer"
}

@test "what the client asks for" {
	server 'keepalive_timeout 500ms;'
	says keep-alive 'GET /one HTTP/1.1\r\nHost: x'
	says close 'GET /one HTTP/1.1\r\nHost: x\r\nConnection: close'
	says close 'GET /one HTTP/1.1\r\nHost: x\r\nConnection: Foo, CLOSE'
	says keep-alive 'GET /one HTTP/1.1\r\nHost: x\r\nConnection: xcloser'
	says close 'GET /one HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, close'
	says close 'GET /one HTTP/1.0'
	says keep-alive 'GET /one HTTP/1.0\r\nConnection: Keep-Alive'
	stop
}

@test "what the configuration allows" {
	server 'keepalive_requests 3; keepalive_timeout 60s 30;'
	request='GET /one HTTP/1.1\r\nHost: x\r\n\r\n'
	raw "$request$request$request$request"
	[ "$(statuses)" = '200 200 200' ]
	[ "$(grep -c '^Connection: keep-alive' "$answer")" = 2 ]
	[ "$(grep -c '^Keep-Alive: timeout=30' "$answer")" = 2 ]
	[ "$(grep -c '^Connection: close' "$answer")" = 1 ]
	stop
	server 'keepalive_timeout 0;'
	says close 'GET /one HTTP/1.1\r\nHost: x'
	stop
}

@test "a thousand requests in one piece, answered in order" {
	server 'keepalive_requests 2000;'
	all=
	for i in $(seq 1 999); do
		if [ $((i % 100)) = 0 ]; then all+='GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n'
		else all+='GET /one HTTP/1.1\r\nHost: x\r\n\r\n'; fi
	done
	raw "${all}GET /one HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
	[ "$(statuses | tr ' ' '\n' | grep -c 200)" = 991 ]
	[ "$(statuses | tr ' ' '\n' | sed -n '100p;200p;1000p' | xargs)" = '404 404 200' ]
	stop
}

@test "large answers between small ones" {
	server ''
	get='HTTP/1.1\r\nHost: x\r\n'
	raw "GET /one $get\r\nGET /big $get\r\nGET /one $get\r\nGET /big ${get}Connection: close\r\n\r\n"
	[ "$(statuses)" = '200 200 200 200' ]
	[ "$(stat -c %s "$answer")" -gt 400000 ]
	stop
}

@test "a request that is none ends the connection" {
	server ''
	get='GET /one HTTP/1.1\r\nHost: x\r\n\r\n'
	raw "${get}GARBAGE\r\n\r\n$get"
	[ "$(statuses)" = '200 400' ]
	stop
}

@test "bodies that no handler uses are read and dropped" {
	server ''
	post='POST /one HTTP/1.1\r\nHost: x\r\n'
	get='GET /one HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
	raw "${post}Content-Length: 5\r\n\r\nhello${post}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n$get"
	[ "$(statuses)" = '405 405 200' ]
	stop
}

@test "idle ones are closed in time" {
	server 'keepalive_timeout 200ms;'
	raw 'GET /one HTTP/1.1\r\nHost: x\r\n\r\n' 5
	[ "$status" = 200 ]
	stop
}

counted() { sed -n "s/.*\"$1\": \([0-9]*\).*/\1/p" <(curl -s "$url/status"); }

@test "events of one batch never reach who got the slot meanwhile" {
	# 16 slots, of which some are the server's own: so many clients that less than a sixteenth is free
	CONNECTIONS=16 server 'location = /status { status; } keepalive_timeout 60s; lingering_close off;'
	[ "$(counted stale_events)" = 0 ]
	used=$(counted used)
	held=()
	for ((i = used - 1; i < 15; i++)); do
		exec {one}<>"/dev/tcp/127.0.0.1/$port"
		printf 'GET /one HTTP/1.1\r\nHost: x\r\n\r\n' >&"$one"
		read -r -t 20 line <&"$one"
		[[ $line = 'HTTP/1.1 200'* ]]
		held+=("$one")
	done
	# while the server is stopped, a client comes for which the oldest must go; and the oldest sends a request
	kill -STOP "$pid"
	within 20 grep -q '^State:.*stopped' "/proc/$pid/status"
	exec {newcomer}<>"/dev/tcp/127.0.0.1/$port"
	printf 'GET /missing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' >&"${held[0]}"
	printf 'GET /one HTTP/1.1\r\nHost: x\r\n\r\n' >&"$newcomer"
	kill -CONT "$pid"
	read -r -t 20 line <&"$newcomer"
	[[ $line = 'HTTP/1.1 200'* ]]
	printf 'GET /status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' >&"$newcomer"
	timeout 20 cat <&"$newcomer" >"$tmp/answer"
	grep -q '"stale_events": 1' "$tmp/answer"
	for one in "${held[@]}" "$newcomer"; do exec {one}>&-; done
	stop
	not grep -q missing "$log"
}

came() { [ "$(grep -c '^Connection:' "$tmp/answers")" = "$1" ]; } # so many answers

@test "keepalive_time: the next answer says that it is the last, and comes" {
	for made in 'location / { }' 'location / { return 200 one; }' 'location / { error_page 404 /one; return 404; } location /one { }' \
		'ssi on; ssi_types *;' 'location / { return 204; }'; do
		server "keepalive_time 200ms; $made"
		exec {one}<>"/dev/tcp/127.0.0.1/$port"
		printf 'GET /one HTTP/1.1\r\nHost: x\r\n\r\n' >&"$one"
		cat <&"$one" >"$tmp/answers" &
		reader=$!
		within 10 grep -q '^Connection: keep-alive' "$tmp/answers"
		# later ones say keep-alive until it is too old, and the last of them all says close
		for ((i = 0; i < 200; i++)); do
			printf 'GET /one HTTP/1.1\r\nHost: x\r\n\r\n' >&"$one"
			within 10 came $((i + 2))
			if grep -q '^Connection: close' "$tmp/answers"; then break; fi
		done
		exec {one}>&-
		wait "$reader"
		[ "$(grep -c '^Connection: close' "$tmp/answers")" = 1 ]
		[ "$(grep '^Connection' "$tmp/answers" | tail -n 1)" = $'Connection: close\r' ]
		stop
	done
}

@test "pipelined, and read later: each answer is whole, wherever the socket was full" {
	head -c 1000 /dev/zero | tr '\0' k >"$site/1k"
	http "server { listen LISTEN sndbuf=4k; root $site; }"
	python3 - "$port" <<'P'
import socket, sys
for count in range(1, 60):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    s.settimeout(5)
    s.connect(("127.0.0.1", int(sys.argv[1])))
    s.sendall(b"GET /1k HTTP/1.1\r\nHost: x\r\n\r\n" * count)
    got = s.recv(1)
    while got.count(b"k" * 1000) < count:
        try:
            got += s.recv(65536)
        except TimeoutError:
            sys.exit("%d requests: %d bytes, %d answers, and no more comes" % (count, len(got), got.count(b"k" * 1000)))
P
	stop
}
