# Directives whose effect is not an answer of another kind: they do what they say, or are refused.
load lib

make_site() { echo 'one' >"$site/one"; }

# traced 'DIRECTIVES' COMMAND ...   runs it; `opens NAME` then says how often that was opened
opens() { grep -c "open.*$1" "$tmp/trace" || true; }

traced() {
	BUILT=$OURS/stage7 server "$1"
	strace -q -p "$pid" -e trace=openat -o "$tmp/trace" 3>&- 4>&- &
	tracer=$!
	within 20 grep -qs 'TracerPid:.*[1-9]' "/proc/$pid/status"
	"${@:2}"
	kill "$tracer"
	wait "$tracer" || true
}

four_times() { for _ in 1 2 3 4; do fetch "$1"; done; }

@test "open_file_cache_min_uses: who is asked for too seldom has no place" {
	BUILT=$OURS/stage7 SANITIZE='' build
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
	BUILT=$OURS/stage7 SANITIZE='' build
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

@test "what is not done is refused" {
	config_error '"tcp_nodelay off" is not supported' 'events {} http { tcp_nodelay off; }'
	for name in keepalive_min_timeout msie_refresh post_action directio; do
		config_error "unknown directive \"$name\"" "events {} http { $name on; }"
	done
	config_good 'events {} http { access_log off; tcp_nodelay on; tcp_nopush on; client_body_in_single_buffer on; }'
}

@test "listen on a unix socket: a plain file in its place is not removed" {
	echo precious >"$tmp/file"
	# what is in use does not fail a test of the configuration: another server may run with it
	config_good "events {} http { access_log off; server { listen unix:$tmp/file; } }"
	[ "$(cat "$tmp/file")" = precious ]
}
