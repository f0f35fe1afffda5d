# Directives whose effect is not an answer of another kind: they do what they say, or are refused.
load lib

make_site() {
	echo 'one' >"$site/one"
	head -c 3000000 /dev/urandom >"$site/3m"
	# a page of some length, which is read from its file
	{ head -c 100000 /dev/zero | tr '\0' x; printf '<!--#echo var="uri"-->'; } >"$site/long.html"
	BUILT=$OURS/stage7 SANITIZE='' build
}

# traced 'DIRECTIVES' COMMAND ...   runs it; `calls PATTERN` then says how many calls are like that
calls() { grep -cE "$1" "$tmp/trace" || true; }
opens() { calls "open.*$1"; }

traced() {
	BUILT=$OURS/stage7 server "$1"
	strace -q -p "$pid" -e trace=openat,fcntl,pread64,sendfile,setsockopt,sendto -o "$tmp/trace" 3>&- 4>&- &
	tracer=$!
	within 20 grep -qs 'TracerPid:.*[1-9]' "/proc/$pid/status"
	"${@:2}"
	kill "$tracer"
	wait "$tracer" || true
}

four_times() { for _ in 1 2 3 4; do fetch "$1"; done; }

@test "open_file_cache_min_uses: who is asked for too seldom has no place" {
	traced 'open_file_cache max=10; open_file_cache_min_uses 3;' four_times /one
	[ "$(opens site/one)" = 3 ]
	stop
	traced 'open_file_cache max=10;' four_times /one
	[ "$(opens site/one)" = 1 ]
	stop
	traced 'open_file_cache off;' four_times /one
	[ "$(opens site/one)" = 4 ]
	stop
}

@test "open_file_cache_errors: that a file is not there is remembered, until it is" {
	traced 'open_file_cache_errors on;' four_times /new
	[ "$status" = 404 ]
	[ "$(opens site/new)" = 1 ]
	echo 'new' >"$site/new"
	answers 200 /new
	rm "$site/new"
	answers 404 /new
	stop
	traced '' four_times /new
	[ "$(opens site/new)" = 4 ]
	stop
}

same() { # same NAME   what came is that file
	answers 200 "/$1"
	cmp "$body" "$site/$1"
}

@test "sendfile off: read and sent, a piece at a time" {
	traced 'sendfile off;' same 3m
	[ "$(calls sendfile)" = 0 ]
	[ "$(calls 'pread64.*6[0-9]{4}')" -ge 40 ]
	[ "$(curl -s -r 99999-100008 "$url/3m" | cksum)" = "$(tail -c +100000 "$site/3m" | head -c 10 | cksum)" ]
	# the others are served while one client reads slowly
	exec {slow}<>"/dev/tcp/127.0.0.1/$port"
	printf 'GET /3m HTTP/1.0\r\n\r\n' >&"$slow"
	same 3m
	tail -c 3000000 <&"$slow" | cmp - "$site/3m"
	exec {slow}>&-
	stop
	traced '' same 3m
	[ "$(calls sendfile)" -ge 2 ]
	stop
}

@test "directio: from that size on past the page cache" {
	traced 'directio 1m; ssi on; location = /long.html { directio 64k; } location = /out { alias '"$site"'/3m; directio off; }' same 3m
	[ "$(calls 'fcntl.*F_SETFL.*O_DIRECT')" = 1 ]
	[ "$(calls sendfile)" = 0 ]
	[ "$(curl -s -r 99999-100008 "$url/3m" | cksum)" = "$(tail -c +100000 "$site/3m" | head -c 10 | cksum)" ]
	# who reads it for another purpose need not know
	answers 200 /long.html
	[ "$(tail -c 12 "$body")" = 'xx/long.html' ]
	answers 200 /out
	cmp "$body" "$site/3m"
	stop
	traced 'directio 4m;' same 3m
	[ "$(calls O_DIRECT)" = 0 ]
	stop
	config_error 'invalid value "on"' 'events {} http { directio on; }'
}

@test "directio: who is sent the same file already, by a location without it, gets all of it" {
	head -c 30000000 /dev/urandom >"$site/30m"
	server "location = /direct { alias $site/30m; directio 64k; }"
	exec {slow}<>"/dev/tcp/127.0.0.1/$port"
	printf 'GET /30m HTTP/1.0\r\n\r\n' >&"$slow"
	within 10 read -r -t 0 -u "$slow"
	answers 200 /direct
	cmp "$body" "$site/30m"
	timeout 20 cat <&"$slow" | tail -c 30000000 | cmp - "$site/30m"
	exec {slow}>&-
	stop
}

three() { # requests in one piece, which printf would not write
	local socket get='GET /one HTTP/1.1\r\nHost: x\r\n'
	printf '%b' "$get\r\n$get\r\n${get}Connection: close\r\n\r\n" >"$tmp/request"
	exec {socket}<>"/dev/tcp/127.0.0.1/$port"
	cat "$tmp/request" >&"$socket"
	timeout 20 cat <&"$socket" >"$answer"
	exec {socket}>&-
	[ "$(statuses)" = '200 200 200' ]
}

@test "postpone_output: so many bytes wait for more, and no longer than the turn" {
	answer=$tmp/answer
	traced '' three
	[ "$(calls sendto)" = 1 ]
	stop
	traced 'postpone_output 0;' three
	[ "$(calls sendto)" = 3 ]
	stop
	# one answer is some 250 bytes long
	traced 'postpone_output 400;' three
	[ "$(calls sendto)" = 2 ]
	stop
}

# packets_of PATH MOST   nine answers: half of them or more come in at most so many percent more
# packets than would have done. TCP splits one now and then by itself, at the end of a window.
packets_of() {
	python3 "$BATS_TEST_DIRNAME/packets_taken.py" "$port" "$1" 1460 9 >"$tmp/packets"
	cat "$tmp/packets"
	awk -v most="$2" '$1 * 100 <= $2 * (100 + most) { full++ } END { exit !(NR == 9 && full >= 5) }' "$tmp/packets"
}

@test "tcp_nopush: what takes several calls goes out in full packets" {
	head -c 102400 "$site/3m" >"$site/100k"
	# without it the first of two shares ends with a packet that is not full
	server ''
	not packets_of /100k 0
	stop
	server 'tcp_nopush on;'
	packets_of /100k 0
	packets_of /3m 3
	stop
	server 'tcp_nopush on; sendfile off;'
	packets_of /100k 0
	stop
	server 'tcp_nopush on; limit_rate 400k;'
	packets_of /100k 0
	stop
}

slowly() { # more than the buffers of both ends hold
	truncate -s 30000000 "$site/zeros"
	[ "$(curl -sS --limit-rate 60M "$url/zeros" | wc -c)" -eq 30000000 ]
}

@test "tcp_nopush: corks only a socket that is full" {
	head -c 102400 "$site/3m" >"$site/100k"
	traced 'tcp_nopush on;' same 100k
	[ "$(calls TCP_CORK)" = 0 ]
	stop
	traced 'tcp_nopush on;' slowly
	[ "$(calls 'TCP_CORK, \[1\]')" = 1 ]
	[ "$(calls 'TCP_CORK, \[0\]')" = 1 ]
	stop
	traced '' slowly
	[ "$(calls TCP_CORK)" = 0 ]
	stop
}

two_places() { curl -s "$url/slow/one" "$url/one" "$url/one" "$url/slow/one"; }

@test "tcp_nodelay off: for those answers, and no longer" {
	traced 'location /slow { alias '"$site"'; tcp_nodelay off; }' two_places
	[ "$(grep -o 'TCP_NODELAY, \[[01]\]' "$tmp/trace" | tr -dc '01')" = 010 ]
	stop
}

@test "msie_refresh: a page that leads on instead of a redirect, for browsers that need it" {
	server 'msie_refresh on; location /a { return 302 "/b?x=\"y&z#part"; } location /b { return 307 /c; }'
	answers 200 -A 'Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)' /a
	[ -z "$(header Location)" ]
	[ "$(cat "$body")" = $'<html><head><meta http-equiv="Refresh" content="0; URL=/b?x=&quot;y&amp;z#part"></head><body></body></html>\r' ]
	answers 302 -A 'Mozilla/5.0' /a
	answers 307 -A 'Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)' /b
	stop
	server 'location /a { return 302 /b; }'
	answers 302 -A 'Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)' /a
	stop
}

@test "post_action: asked for when the answer is over, and no client gets its answer" {
	http '
		log_format main "$uri $status $body_bytes_sent";
		server {
			access_log '"$tmp"'/access.log main;
			listen LISTEN; root '"$site"';
			post_action /counted;
			location /named { alias '"$site"'; post_action @count; }
			location /nowhere { alias '"$site"'; post_action @missing; }
			location @count { root /nowhere/at/all; }
		}'
	raw 'GET /one HTTP/1.1\r\nHost: x\r\n\r\nGET /named/one HTTP/1.1\r\nHost: x\r\n\r\nGET /nowhere/one HTTP/1.0\r\n\r\n'
	[ "$(statuses)" = '200 200 200' ]
	[ "$(grep -c '^one' "$answer")" = 3 ]
	grep -q "open(\"$site/counted\"" "$log"
	grep -q 'open("/nowhere/at/all/named/one"' "$log"
	grep -q 'there is no location "@missing"' "$log"
	stop
	[ "$(cat "$tmp/access.log")" = $'/one 200 4\n/named/one 200 4\n/nowhere/one 200 4' ]
}

@test "listen on a unix socket: a plain file in its place is not removed" {
	echo precious >"$tmp/file"
	# what is in use does not fail a test of the configuration: another server may run with it
	config_good "events {} http { access_log off; server { listen unix:$tmp/file; } }"
	[ "$(cat "$tmp/file")" = precious ]
}
