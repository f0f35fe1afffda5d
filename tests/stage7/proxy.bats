# The proxy: requests that go to another server, and the replies, in tables. The other server is
# proxy.py, and so is the client.
load lib

setup() {
	coproc upstream { exec python3 "$BATS_TEST_DIRNAME/proxy.py" upstream 3>&-; }
	holder=$upstream_PID
	read -r -t 30 up <&"${upstream[0]}"
}

client() { timeout 120 python3 "$BATS_TEST_DIRNAME/proxy.py" "$1" "$port" "${@:2}"; }

proxied() { # proxied 'MORE LOCATIONS'   / is buffered, /direct/ is not
	server "
		client_max_body_size 0;
		location / { proxy_pass http://127.0.0.1:$up; }
		location /direct/ { proxy_pass http://127.0.0.1:$up/; proxy_buffering off; proxy_request_buffering off; }
		$1"
}

descriptors() { ls "/proc/$pid/fd" | wc -l; }

@test "method x framing x kept or closed x version x pipelined: each gets its own bytes" {
	proxied
	client framing '' /direct
	stop
}

@test "what ends early is never passed off as whole" {
	proxied
	client cut
	grep -q 'prematurely closed connection while reading upstream' "$log"
	stop
}

@test "what is no reply is a 502, and the log says why" {
	proxied
	client bad
	python3 -c 'import sys; sys.path.insert(0, sys.argv[1]); import proxy; print("\n".join(r for _, r in proxy.BAD.values()))' "$BATS_TEST_DIRNAME" |
		while read -r reason; do
			grep -qF -- "$reason" "$log" || { echo "not in the log: $reason"; false; }
		done
	stop
}

@test "a reply that comes byte by byte" {
	proxied
	client slow
	client slow /direct
	stop
}

@test "what the other server gets: lines, lengths, URIs" {
	proxied "
		location /map/ { proxy_pass http://127.0.0.1:$up/echo/base/; }
		location = /exact { proxy_pass http://127.0.0.1:$up/echo/one; }
		location /vars/ { proxy_pass http://127.0.0.1:$up/echo\$uri?z; }
		location /echo/named/ { error_page 404 = @behind; recursive_error_pages on; return 404; }
		location @behind { proxy_pass http://127.0.0.1:$up; }
		location /rewritten/ { rewrite ^/rewritten/(.*) /echo/new/\$1 break; proxy_pass http://127.0.0.1:$up/ignored/; }
		location /stays/ { proxy_pass http://127.0.0.1:$up/echo/here/stays/; }
		location /if/ { if (\$request_method = GET) { set \$x 1; } proxy_pass http://127.0.0.1:$up/echo/if/; }
		location /set/ {
			proxy_pass http://127.0.0.1:$up/; proxy_set_header Host \$host; proxy_set_header X-Real \$remote_addr; proxy_set_header X-Drop '';
			proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for; proxy_set_header Connection close; proxy_set_header Via ''; proxy_set_body a:\$arg_a:b;
		}
		location /none/ { proxy_pass http://127.0.0.1:$up/; proxy_pass_request_headers off; proxy_pass_request_body off; proxy_method PUT; proxy_http_version 1.0; }
		location /break/ { proxy_set_header X-Path \$uri; proxy_pass http://127.0.0.1:$up/echo/; }"
	client request
	stop
}

@test "what the client gets: headers, places, cookies, ranges, X-Accel-*, error pages" {
	echo local >"$site/file"
	proxied "
		location /local/ { internal; return 200 'local \$uri \$args \$request_method'; }
		location @named { return 200 named; }
		location /hide/ { proxy_pass http://127.0.0.1:$up/; proxy_hide_header X-Powered-By; proxy_pass_header Server; proxy_pass_header X-Accel-Charset; }
		location /map2/ { proxy_pass http://127.0.0.1:$up/moved/; }
		location /off/ { proxy_pass http://127.0.0.1:$up/; proxy_redirect off; }
		location /rules/ {
			proxy_pass http://127.0.0.1:$up/; proxy_redirect http://one.test/ http://two.test/\$remote_addr/; proxy_redirect ~^http://h([0-9]+).test/(.*) /seven/\$1/\$2;
			proxy_cookie_domain backend.test front.test; proxy_cookie_path /two/ /1/; proxy_cookie_flags one httponly nosecure samesite=lax; proxy_cookie_flags ~^t secure;
		}
		location /ignore/ { proxy_pass http://127.0.0.1:$up/; proxy_ignore_headers X-Accel-Redirect; }
		location /intercept/ { proxy_pass http://127.0.0.1:$up/; proxy_intercept_errors on; error_page 404 /sorry; }
		location /sorry { return 200 'sorry \$status'; }
		location /ranges/ { proxy_pass http://127.0.0.1:$up/; proxy_force_ranges on; }"
	client reply "$up"
	stop
}

@test "after a failure the next server is asked, when that is allowed" {
	OUTSIDE= http "
		upstream u { server 127.0.0.1:1 max_fails=0 weight=1000; server 127.0.0.1:$up; }
		upstream r { server 127.0.0.1:$up; }
		log_format tries '\$request_method \$uri \$status \$upstream_status';
		server {
			listen LISTEN; access_log $tmp/tries.log tries;
			location /error/ { proxy_pass http://r/; }
			location / { proxy_pass http://r/; }
			location /next/ { proxy_pass http://u/; }
			location /later/ { proxy_pass http://u/; proxy_next_upstream timeout; }
			location /always/ { proxy_pass http://u/; proxy_next_upstream error non_idempotent; }
			location /off2/ { proxy_pass http://u/; proxy_next_upstream off; }
			location /status/ { proxy_pass http://u/; proxy_next_upstream error http_503; }
			location /one/ { proxy_pass http://u/; proxy_next_upstream_tries 1; }
		}"
	client next
	cat "$tmp/tries.log"
	grep -q '^GET /next/short 200 502, 200$' "$tmp/tries.log"
	stop
}

@test "proxy_next_upstream by status: the next server is asked for the statuses that it names, and for no other" {
	local codes='403 404 429 500 502 503 504' places=''
	for code in $codes; do places+="location /http_$code/ { proxy_pass http://two/; proxy_next_upstream http_$code; }"; done
	http "
		upstream two { server unix:$tmp/first.sock max_fails=0 weight=1000; server 127.0.0.1:$up; }
		upstream slow { server 127.0.0.1:$up; server 127.0.0.1:$up; }
		server {
			listen LISTEN;
			$places
			location /several/ { proxy_pass http://two/; proxy_next_upstream http_500 http_503; }
			location /post/ { proxy_pass http://two/; proxy_next_upstream http_503 non_idempotent; }
			location /once/ { proxy_pass http://two/; proxy_next_upstream http_503; proxy_next_upstream_tries 1; }
			add_header X-Tries \$upstream_status always;
			location /late/ { proxy_pass http://slow/; proxy_next_upstream http_503; proxy_next_upstream_timeout 100ms; }
			location /early/ { proxy_pass http://slow/; proxy_next_upstream http_503; proxy_next_upstream_timeout 60s; }
		}
		server { listen unix:$tmp/first.sock; $(for code in $codes; do echo "if (\$arg_code = $code) { return $code; }"; done) }"
	client status
	stop
}

@test "kept connections are used again, and a dead one is replaced" {
	proxied
	client reuse
	stop
}

@test "a client that leaves in any state takes the other connection with it; a half-closed one is served" {
	local before
	proxied "location /patient/ { proxy_pass http://127.0.0.1:$up/; proxy_ignore_client_abort on; }"
	client half
	before=$(descriptors)
	client leave
	within 20 eval '[ "$(descriptors)" -le '"$before"' ]'
	client ignore
	stop
}

@test "Upgrade: a tunnel in both directions, until a side ends it" {
	proxied "location /ws/ { proxy_pass http://127.0.0.1:$up/; proxy_set_header Connection upgrade; proxy_set_header Upgrade \$http_upgrade; }"
	client tunnel
	stop
}

@test "the client's body, as it comes and at once" {
	proxied "location /direct/limited/ { proxy_pass http://127.0.0.1:$up/; proxy_request_buffering off; client_max_body_size 2k; }"
	client upload
	stop
}

@test "a slow client: memory is bounded, with a file and without" {
	PLAIN=1 BUILT=$OURS/stage7 SANITIZE= build
	BUILT=$OURS/stage7
	proxied "location /nofile/ { proxy_pass http://127.0.0.1:$up/; proxy_max_temp_file_size 0; }"
	client memory "$pid"
	stop
}

@test "time: for the connection, for the head, for the body, for the request, and the rate" {
	local full_PID full
	coproc full { exec python3 "$BATS_TEST_DIRNAME/proxy.py" deaf 3>&-; }
	read -r -t 30 full <&"${full[0]}"
	proxied "
		location /impatient/ { proxy_pass http://127.0.0.1:$up/; proxy_read_timeout 2s; proxy_send_timeout 2s; }
		location /impatient/next/ { proxy_pass http://127.0.0.1:$up/; proxy_connect_timeout 5s; }
		location /rate/ { proxy_pass http://127.0.0.1:$up/; proxy_limit_rate 160k; }
		location /accel/ { proxy_pass http://127.0.0.1:$up/; }
		location /ignore/ { proxy_pass http://127.0.0.1:$up/; proxy_ignore_headers X-Accel-Limit-Rate; }
		location /full/ { proxy_pass http://127.0.0.1:$full/; proxy_connect_timeout 300ms; }"
	client times
	stop
	kill "$full_PID"
}

@test "proxy_store keeps what is whole; proxy_bind says from where; what a log can tell" {
	mkdir -p "$site/kept"
	http "
		log_format all '\$uri|\$upstream_addr|\$upstream_status|\$upstream_response_length|\$upstream_bytes_received|\$upstream_http_content_type|\$upstream_cookie_two|\$proxy_host|\$proxy_port|\$upstream_connect_time \$upstream_header_time \$upstream_response_time';
		server {
			listen LISTEN; root $site; access_log $tmp/all.log all;
			location / { proxy_pass http://127.0.0.1:$up; }
			location /kept/ { proxy_pass http://127.0.0.1:$up/; proxy_store on; proxy_store_access user:rw all:r; }
			location /bound/ { proxy_pass http://127.0.0.1:$up/; proxy_bind 127.0.0.3; }
		}"
	answers 200 /kept/length
	cmp "$body" "$site/kept/length"
	[ "$(stat -c %a "$site/kept/length")" = 604 ]
	fetch /kept/length-cut || true
	[ ! -e "$site/kept/length-cut" ]
	[ -z "$(find "$tmp" -path '*proxy_temp*' -type f)" ]
	answers 200 /bound/peer
	[ "$(cat "$body")" = 127.0.0.3 ]
	answers 200 /cookies
	answers 200 /headers
	cat "$tmp/all.log"
	grep -qE "^/cookies\|127.0.0.1:$up\|200\|0\|[0-9]+\|-\|2\|127.0.0.1:$up\|$up\|[0-9.]+ [0-9.]+ [0-9.]+$" "$tmp/all.log"
	grep -qE "^/headers\|127.0.0.1:$up\|200\|2\|[0-9]+\|text/plain\|" "$tmp/all.log"
	stop
}

@test "course.conf: each file is asked for once; Expires, the added header, places as they are" {
	mkdir -p "$tmp/build"
	sed "s|127.0.0.1:8080|127.0.0.1:0|; s|127.0.0.1:8090|127.0.0.1:$up|; s|\.\./mime.types|$STAGE/conf/mime.types|; s|keys_zone=cache_one:100m|keys_zone=cache_one:1m|" \
		"$STAGE/conf/examples/course.conf" >"$tmp/server.conf"
	start_with
	client course "$up"
	[ -n "$(find "$tmp/build/cache" -type f)" ]
	stop
}
