# A worker is killed while it holds a lock that all workers share, for each of these locks: the others go on, nothing
# hangs, and what is counted under that lock is right afterwards.
load lib
load master

make_site() {
	echo page >"$site/page"
	build "$BUILT/parts.a"
	mkdir -p "$tmp/with-killer"
	"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -g -O1 -Wall -Wextra -Werror -I"$STAGE/src" -DALLOC_PASS_THROUGH -fsanitize=address,undefined \
		-Wl,--wrap=slab_unlock,--wrap=shmutex_unlock "$BATS_TEST_DIRNAME/killed.c" "$BUILT/main.o" "$BUILT/modules.o" "$BUILT/parts.a" \
		-lpthread -o "$tmp/with-killer/server"
}

# begin PROCESSES 'IN events {}' 'IN server {}' 'IN http {}, before it' 'and behind'   two workers; PROCESSES: how many children the master has
begin() {
	BUILT=$tmp/with-killer
	export KILLED_IN=$tmp/killed-in
	children=$1
	cat >"$tmp/server.conf" <<-END
		daemon off; worker_processes 2; pid server.pid; error_log stderr info;
		events { $2 }
		http { access_log off; $4 server { listen 127.0.0.1:0; root $site; location = /status { status; } $3 } ${5:-} }
	END
	start_with
	within 60 workers_are "$children"
}

# kill_inside LOCK PATH   requests for PATH until a process has ended inside of LOCK, and the master has another one
kill_inside() {
	crew >"$tmp/before"
	echo "$1" >"$tmp/order"
	mv "$tmp/order" "$tmp/killed-in"
	killed() { fetch "$2" && [ ! -e "$tmp/killed-in" ]; }
	within 60 killed "$@"
	changed() { workers_are "$children" && ! crew | cmp -s - "$tmp/before"; }
	within 60 changed
}

are() { # are 'STATUS ...' PATH ...
	local path got=
	for path in "${@:2}"; do
		fetch "$path"
		got="$got $status"
	done
	echo "${got# }, should be $1"
	[ "${got# }" = "$1" ]
}

records() { # records ZONE
	fetch /status >/dev/null
	python3 -c 'import json, sys
print(next(z["records"] for z in json.load(open(sys.argv[1]))["zones"] if z["name"] == sys.argv[2]))' "$body" "$1"
}

hit() { fetch /pages && [ "$(header X-Cache)" = HIT ] && [ "$(cat "$body")" = behind ]; }

@test "the locks of limit_req, limit_conn, a cache and an upstream: each holder is killed" {
	begin 3 '' "location = /rate { limit_req zone=rate; alias $site/page; }
			location = /places { limit_conn places 1; alias $site/page; }
			location = /pages { proxy_pass http://behind; proxy_cache pages; proxy_cache_valid 1h; add_header X-Cache \$upstream_cache_status; }
			location = /shared { proxy_pass http://behind; }" \
		"limit_req_zone \$arg_key zone=rate:32k rate=1r/m; limit_conn_zone \$arg_key zone=places:32k;
			proxy_cache_path $tmp/cache keys_zone=pages:64k; upstream behind { zone shared 64k; server unix:$tmp/behind max_conns=1; }" \
		"server { listen unix:$tmp/behind; return 200 behind; }"

	are '200 503 200' '/rate?key=a' '/rate?key=a' '/rate?key=b'
	kill_inside rate '/rate?key=c'
	are '200 503' '/rate?key=a' '/rate?key=a'
	[ "$(records rate)" = 1 ]
	grep -q 'zone "rate": process .* has died while changing it' "$log"

	kill_inside places '/places?key=a'
	are '200 200' '/places?key=a' '/places?key=a'
	[ "$(records places)" = 0 ]

	fetch /pages
	hit
	kill_inside pages /pages
	within 60 hit

	kill_inside shared /shared
	are '200 200' /shared /shared
	stop
}

@test "the accept mutex: its holder is killed" {
	begin 2 'accept_mutex on; accept_mutex_delay 20ms;' '' ''
	for _ in 1 2 3; do
		kill_inside 'accept mutex' /page
		are 200 /page
	done
	[ "$(grep -c 'the accept mutex was process' "$log")" -eq 3 ]
	stop
}
