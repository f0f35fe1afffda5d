# A worker that has been told to leave: what each kind of client gets, how it ends, and what
# worker_shutdown_timeout does to those who take too long.
load lib
load master

make_site() { head -c 30000000 /dev/zero >"$site/large"; }

# begin CLIENT TEXT   a connection that has sent this
begin() {
	local -n descriptor=$1
	exec {descriptor}<>"/dev/tcp/127.0.0.1/$port"
	printf '%b' "$2" >&"$descriptor"
}

# rest_of CLIENT   what still comes to it is in $rest; fails when its connection does not end
rest_of() {
	local -n descriptor=$1
	local code=0
	timeout 20 cat <&"$descriptor" >"$tmp/rest" || code=$?
	exec {descriptor}>&-
	rest=$(tr -d '\0' <"$tmp/rest")
	[ "$code" -ne 124 ]
}

connected() { [ "$(ss -Htn state connected exclude time-wait "sport = :$port" | wc -l)" -eq "$1" ]; }

ended() {
	within 20 gone_or_zombie "$pid"
	wait "$pid"
	pid=
}

serving() { master "$1 location / { return 200 one; } location /file { alias $site; }"; }

head_of='GET / HTTP/1.1\r\nHost: x\r\n'

@test "kept and new connections: a last request is answered, and says so; the idle are closed soon" {
	serving ''
	local kept idle new asks
	begin kept "$head_of\r\n" && begin idle "$head_of\r\n" && begin new '' && begin asks ''
	within 10 connected 4
	kill -QUIT "$pid"
	within 10 port_closed
	printf '%b' "$head_of\r\n" >&"$kept"
	printf '%b' "$head_of\r\n" >&"$asks"
	rest_of kept
	[ "$(grep -c '^Connection: close' <<<"$rest")" -eq 1 ]
	rest_of asks
	[ "$(grep -c '^Connection: close' <<<"$rest")" -eq 1 ]
	rest_of idle
	[ "$(grep -c '^one' <<<"$rest")" -eq 1 ]
	rest_of new
	[ -z "$rest" ]
	ended
}

@test "half a head: its other half is waited for, and ps shows who waits" {
	WORKERS=1 serving ''
	local half
	begin half 'GET / HTTP/1.1\r\nHo'
	within 10 connected 1
	kill -QUIT "$pid"
	within 10 port_closed
	[ "$(title "$(workers)")" = 'server: worker 0 is leaving' ]
	printf 'st: x\r\n\r\n' >&"$half"
	rest_of half
	[[ $rest == *'Connection: close'*one* ]]
	ended
}

@test "half a head and no more: client_header_timeout is the end of it" {
	serving 'client_header_timeout 1s;'
	local half
	begin half 'GET / HTTP/1.1\r\nHo'
	within 10 connected 1
	kill -QUIT "$pid"
	rest_of half
	[ -z "$rest" ]
	ended
}

@test "an upload goes on until it is there" {
	serving ''
	local upload
	begin upload 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n0123456789'
	within 10 connected 1
	kill -QUIT "$pid"
	within 10 port_closed
	printf '0123456789' >&"$upload"
	kill -0 "$pid"
	printf '0123456789' >&"$upload"
	rest_of upload
	[[ $rest == 'HTTP/1.1 200'* ]]
	ended
}

@test "worker_shutdown_timeout ends what takes too long: a head, an upload, a download, a lingering close" {
	serving 'client_header_timeout 60s; lingering_timeout 60s; lingering_time 60s; send_timeout 60s;'
	change '1s/^/worker_shutdown_timeout 500ms; /'
	local before
	before=$(workers)
	reload
	within 20 others "$before" # the old ones accept until then, and know of no timeout
	local half upload download lingers
	begin half 'GET / HTTP/1.1\r\nHo'
	begin upload 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000\r\n\r\n0123456789'
	begin download 'GET /file/large HTTP/1.1\r\nHost: x\r\n\r\n'
	begin lingers 'POST / HTTP/1.0\r\nContent-Length: 3000\r\n\r\n0123456789'
	within 10 connected 4
	kill -QUIT "$pid"
	ended
	times_logged 1 'worker_shutdown_timeout'
	rest_of half
	[ -z "$rest" ]
	rest_of upload
	rest_of lingers
	rest_of download
	[ "$(wc -c <"$tmp/rest")" -lt 30000000 ]
}
