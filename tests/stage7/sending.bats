# How an answer leaves: its pace, clients that do not read, and what the directives about it do.
load lib

make_site() {
	echo 'one' >"$site/one"
	head -c 60000 /dev/zero >"$site/60k"
	head -c 20000000 /dev/zero >"$site/20m"
}

get='GET /one HTTP/1.1\r\nHost: x\r\n\r\n'

@test "limit_rate: a second for each so many bytes, after the first ones" {
	server 'location /60k { limit_rate 20k; } location /f { alias '"$site"'/60k; limit_rate 20k; limit_rate_after 60k; }'
	fetch -w '%{http_code} %{time_total}' -o /dev/null /60k
	read -r code took <<<"$status"
	echo "$code in $took s"
	[ "$code" = 200 ]
	# 20 KiB at once, 20 after the first second, the rest after the second
	awk -v t="$took" 'BEGIN { exit !(t >= 1.5) }'
	fetch -w '%{http_code} %{time_total} %{size_download}' -o /dev/null /f
	read -r code free size <<<"$status"
	[ "$code $size" = '200 60000' ]
	awk -v t="$free" -v slow="$took" 'BEGIN { exit !(t < slow) }'
	stop
}

@test "a client that does not read is given up after send_timeout" {
	server 'send_timeout 300ms;'
	exec {deaf}<>"/dev/tcp/127.0.0.1/$port"
	printf 'GET /20m HTTP/1.1\r\nHost: x\r\n\r\n' >&"$deaf"
	within 20 grep -q 'client timed out while the answer was sent to it' "$log"
	exec {deaf}>&-
	answers 200 /one
	stop
}

@test "a client that reads slowly gets everything" {
	server ''
	exec {slow}<>"/dev/tcp/127.0.0.1/$port"
	printf 'GET /20m HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' >&"$slow"
	answers 200 /one # the other one fills its socket meanwhile
	[ "$(cat <&"$slow" | wc -c)" -gt 20000000 ]
	exec {slow}>&-
	stop
}

@test "EMFILE: accepting pauses, and goes on when there are descriptors again" {
	CONNECTIONS=512 OUTSIDE='worker_rlimit_nofile 40;' server ''
	held=()
	for _ in $(seq 60); do
		exec {one}<>"/dev/tcp/127.0.0.1/$port"
		held+=("$one")
	done
	within 20 grep -q 'accept4.*Too many open files' "$log"
	for one in "${held[@]}"; do exec {one}>&-; done
	within 20 answers 200 /one
	stop
}

@test "when the table is full the longest idle connection makes room" {
	CONNECTIONS=24 server 'keepalive_timeout 60s;'
	held=()
	for _ in $(seq 40); do
		exec {one}<>"/dev/tcp/127.0.0.1/$port"
		printf '%b' "$get" >&"$one"
		read -r -t 20 line <&"$one"
		[[ $line = 'HTTP/1.1 200'* ]]
		held+=("$one")
	done
	grep -q 'worker_connections are nearly all in use' "$log"
	# the newest is still there, the oldest is not
	printf '%b' "$get" >&"${held[39]}"
	timeout 20 head -c 400 <&"${held[39]}" | grep -c '200 OK' >"$tmp/count"
	timeout 20 cat <&"${held[0]}" >/dev/null # ends: it was closed
	for one in "${held[@]}"; do exec {one}>&-; done
	stop
}

@test "a signal as soon as it says that it listens" {
	for _ in 1 2 3 4 5; do
		server ''
		stop
	done
}
