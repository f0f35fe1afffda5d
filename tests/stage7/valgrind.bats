# Nothing lost, nothing leaked: the server in valgrind, through all that it does and on all its
# ways out. Every block is malloc's own here (ALLOC_PASS_THROUGH), so that each one is seen.
load lib

make_site() {
	echo page >"$site/index.html"
	head -c 300000 /dev/urandom >"$site/large"
	echo '<!--#set var="a" value="b" --><!--#include virtual="/index.html" --><!--#echo var="a" -->' >"$site/page.shtml"
	mkdir "$site/folder"
	echo text >"$site/folder/a.txt"
}

build() {
	BUILT=$OURS/stage7-valgrind
	locked env -u MAKEFLAGS -u MFLAGS make -s -j2 -C "$STAGE" BUILD="$BUILT" CFLAGS='-O2 -g -DALLOC_PASS_THROUGH' >&2
}

setup() {
	BUILT=$OURS/stage7-valgrind
	grind=(valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all --trace-children=yes --log-file="$tmp/valgrind.$BATS_TEST_NUMBER.%p")
}

# in_valgrind 'CONFIGURATION'   a server of our own: $pid, $url, $port
in_valgrind() {
	local line
	echo "$1" >"$tmp/server.conf"
	log=$tmp/$BATS_TEST_NUMBER.log
	rm -f "$tmp/out"
	mkfifo "$tmp/out"
	"${grind[@]}" "$BUILT/server" -p "$tmp" -c server.conf >"$tmp/out" 2>"$log" 3>&- 4>&- &
	pid=$!
	read -r -t 60 line <"$tmp/out"
	url=${line#listening on } url=${url%/} port=${url##*:}
}

nothing_found() {
	cat "$tmp"/valgrind."$BATS_TEST_NUMBER".*
	[ -z "$(cat "$tmp"/valgrind."$BATS_TEST_NUMBER".*)" ]
}

ends() { # ends SIGNAL
	kill -s "$1" "$pid"
	within 60 not kill -0 "$pid" 2>/dev/null
	wait "$pid"
	pid=
}

all_kinds() {
	answers 200 /
	answers 206 -H 'Range: bytes=1-5,100-200' /large
	answers 304 -H 'If-None-Match: *' /
	answers 200 /page.shtml
	grep -q page "$body"
	answers 200 /folder/
	answers 301 /folder
	answers 404 /none
	answers 302 /old/x
	answers 200 /try/none
	answers 403 /denied
	answers 413 -H 'Expect:' --data-binary "@$site/large" /
	answers 405 --data-binary "@$site/index.html" -H 'Transfer-Encoding: chunked' /
	answers 200 /slow?x
	answers 200 /aio/large
	answers 200 /status
	answers 200 /proxied/
	answers 404 /proxied/none
	answers 405 --data-binary "@$site/index.html" /proxied/index.html
	answers 405 --data-binary "@$site/index.html" -H 'Transfer-Encoding: chunked' /direct/index.html
	answers 200 /kept/large
	cmp "$site/large" <(curl -s "$url/proxied/large")
	cmp "$site/large" <(curl -s --limit-rate 2M "$url/direct/large")
	cmp "$site/large" <(curl -s "$url/large")
	refuses 400 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'
	raw 'GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /large HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
	[ "$(statuses)" = '200 200 200' ]
}

# Clients who leave in the middle of everything.
half_of_all() {
	local socket bytes
	for bytes in '' 'GET / HT' 'GET /large HTTP/1.1\r\nHost: x\r\n\r\n' 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nxx' \
		'GET /slow?y HTTP/1.1\r\nHost: x\r\n\r\n' 'GET /proxied/slow?y HTTP/1.1\r\nHost: x\r\n\r\n' 'GET /direct/large HTTP/1.1\r\nHost: x\r\n\r\n' \
		'POST /direct/ HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nxx' 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'; do
		exec {socket}<>"/dev/tcp/127.0.0.1/$port"
		printf '%b' "$bytes" >&"$socket"
		exec {socket}>&-
	done
}

configuration() { # configuration 'OUTERMOST DIRECTIVES'
	cat <<-END
		daemon off; pid server.pid; error_log stderr info; $1
		events { worker_connections 128; connection_recycle_delay 10ms; }
		http {
			include $STAGE/conf/mime.types;
			access_log $tmp/access.log combined buffer=4k flush=1s;
			limit_req_zone \$remote_addr zone=requests:64k rate=1000r/s;
			limit_conn_zone \$remote_addr zone=connections:64k;
			server {
				listen 127.0.0.1:0; root $site;
				client_max_body_size 64k;
				limit_req zone=requests burst=1000 nodelay;
				limit_conn connections 100;
				error_page 404 /index.html;
				location /page.shtml { ssi on; }
				location /folder/ { autoindex on; }
				location /old/ { rewrite ^/old/(.*)\$ /new/\$1 redirect; }
				location /try/ { try_files \$uri /index.html; }
				location /denied { deny all; }
				location /slow { demo_slow 50ms; }
				location /aio/ { alias $site/; aio threads; }
				location = /status { status; }
				location /proxied/ { proxy_pass http://unix:$tmp/self.sock:/; }
				location /direct/ { proxy_pass http://unix:$tmp/self.sock:/; proxy_buffering off; proxy_request_buffering off; }
				location /kept/ { proxy_pass http://unix:$tmp/self.sock:/; proxy_store $tmp/kept\$uri; }
			}
			server { # behind the one above
				listen unix:$tmp/self.sock; root $site; client_max_body_size 64k;
				location /slow { demo_slow 50ms; }
			}
		}
		packet { listen 127.0.0.1:0; }
	END
}

@test "all kinds of requests, and clients who leave: alone, at once" {
	in_valgrind "$(configuration 'master_process off;')"
	all_kinds
	half_of_all
	ends TERM
	nothing_found
}

@test "alone, in peace, with work in flight" {
	in_valgrind "$(configuration 'master_process off;')"
	half_of_all
	ends QUIT
	nothing_found
}

@test "master and workers: reload, reopen, a worker that ends, a fast end" {
	in_valgrind "$(configuration 'worker_processes 2;')"
	all_kinds
	kill -HUP "$pid"
	within 60 grep -q reloaded "$log"
	kill -USR1 "$pid"
	echo 'nonsense;' >>"$tmp/server.conf"
	kill -HUP "$pid"
	within 60 grep -q 'the old configuration stays' "$log"
	within 60 answers 200 /
	half_of_all
	ends TERM
	nothing_found
}

@test "master and workers: a graceful end" {
	in_valgrind "$(configuration 'worker_processes 2;')"
	all_kinds
	ends QUIT
	nothing_found
}

@test "the ways out before it serves" {
	local code
	configuration 'master_process off;' >"$tmp/good.conf"
	echo 'events {} http { server { listen 127.0.0.1:1; location / { root' >"$tmp/bad.conf"
	for arguments in -v -V -h '-t -c good.conf' '-T -c good.conf' '-t -c bad.conf' '-c bad.conf' '-c none.conf' '-s quit -c good.conf' '-s nonsense' '-x' 'one two three four'; do
		code=0
		# shellcheck disable=SC2086  # words
		"${grind[@]}" "$BUILT/server" -p "$tmp" -e stderr $arguments >/dev/null 2>&1 3>&- || code=$?
		echo "$arguments: $code"
		[ "$code" -le 1 ]
	done
	nothing_found
}
