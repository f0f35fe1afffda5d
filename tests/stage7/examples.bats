# conf/examples: what stands there is what one can run.
load lib

EXAMPLES=$STAGE/conf/examples

@test "each of them is a good configuration" {
	mkdir -p "$tmp/logs"
	[ "$(id -u)" -eq 0 ] || skip "ports below 1024 are root's"
	for example in "$EXAMPLES"/*.conf; do
		"$BUILT/server" -p "$tmp" -c "$example" -t 3>&-
	done
}

@test "lab.conf: pages, a status, slow work and packets, as its first lines say" {
	mkdir -p "$tmp/build" "$tmp/www" "$tmp/conf"
	echo page >"$tmp/www/index.html"
	sed "s|127.0.0.1:[0-9]*|127.0.0.1:0|; s|\.\./mime.types|$STAGE/conf/mime.types|; s|demo_slow .*;|demo_slow 100ms;|" "$EXAMPLES/lab.conf" >"$tmp/server.conf"
	start_with
	answers 200 /
	answers 200 /status
	grep -q '"parked"' "$body"
	answers 200 /slow?me
	grep -q 'for me' "$body"
	stop
}

@test "make stage 7 CONF= reads it; another stage says that it can't" {
	sed "s|127.0.0.1:[0-9]*|127.0.0.1:0|; s|\.\./mime.types|$STAGE/conf/mime.types|; s|build/lab.pid|$tmp/lab.pid|" "$EXAMPLES/lab.conf" >"$tmp/server.conf"
	rm -f "$tmp/out"
	mkfifo "$tmp/out"
	(cd "$TOP" && exec env -u MAKEFLAGS CONF="$tmp/server.conf" tools/stage run 7) >"$tmp/out" 2>"$tmp/log" 3>&- 4>&- &
	starter=$!
	read -r -t 100 line <"$tmp/out"
	[[ $line == 'listening on http://127.0.0.1:'* ]]
	kill "$(cat "$tmp/lab.pid")"
	within 20 not kill -0 "$starter" 2>/dev/null
	run env CONF="$tmp/server.conf" "$TOP/tools/stage" run 3
	[ "$status" -eq 2 ] || [ "$status" -eq 1 ]
	[[ $output == *"only stage 7 reads a configuration"* ]]
	run env CONF="$tmp/nowhere.conf" "$TOP/tools/stage" run 7
	[ "$status" -eq 2 ]
	[[ $output == *"no file '$tmp/nowhere.conf'"*conf/examples* ]]
}

@test "proxy.conf: make stage 7 CONF= starts the servers behind it, both answer, and all end together" {
	{ [ "$(id -u)" = 0 ] && unshare -n ip link set lo up; } 2>/dev/null || skip "needs root, for a network where its ports are free"
	sed "s|\.\./mime.types|$STAGE/conf/mime.types|; s|build/proxy|$tmp/proxy|; s|demo_slow .*;|demo_slow 100ms;|" "$EXAMPLES/proxy.conf" >"$tmp/proxy.conf"
	# shellcheck disable=SC2016 # for the inner shell
	run timeout 100 unshare -n bash -c '
		. "$1/tests/wait.bash"
		ip link set lo up
		cd "$1" && CONF=$2/proxy.conf env -u MAKEFLAGS tools/stage run 7 >"$2/said" 2>&1 & starter=$!
		answers() { [ "$(curl -s -o /dev/null -w "%{http_code}" "http://127.0.0.1:8080$1")" = 200 ]; }
		both() { for i in 1 2 3 4 5 6; do curl -sI http://127.0.0.1:8080/; done | grep -o "X-Answered-By: .*" | tr -d "\r" | sort -u | grep -c .; }
		within 90 answers /
		answers /slow && echo slow
		both
		for i in 1 2; do curl -sI http://127.0.0.1:8080/cached/index.html | grep -o "X-Cache: [A-Z]*"; done
		kill "$(cat "$2/proxy.pid")"
		wait $starter
		no_listener() { [ -z "$(ss -ltnH)" ]; }
		within 20 no_listener && echo ended' bash "$TOP" "$tmp" 3>&- 4>&-
	cat "$tmp/said"
	[ "$output" = $'slow\n2\nX-Cache: MISS\nX-Cache: HIT\nended' ]
}
