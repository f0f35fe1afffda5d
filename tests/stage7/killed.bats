# A worker is killed while it holds a lock that all workers share, for each of these locks: the others go on, nothing
# hangs, and what was counted under that lock begins again.
load lib
load master

make_site() {
	echo page >"$site/page"
	"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -g -O1 -Wall -Wextra -Werror -I"$STAGE/src" -DALLOC_PASS_THROUGH -fsanitize=address,undefined \
		-Wl,--wrap=slab_unlock,--wrap=shmutex_unlock "$BATS_TEST_DIRNAME/killed.c" "$BUILT/main.o" "$BUILT/modules.o" "$BUILT/parts.a" -lpthread -o "$tmp/killed"
	mkdir -p "$tmp/with-killer"
	mv "$tmp/killed" "$tmp/with-killer/server"
}

setup_file() {
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/lab-stage7.XXXXXX")
	chmod 755 "$tmp"
	export tmp site=$tmp/site
	mkdir -p "$site"
	build "$BUILT/parts.a" "$BUILT/server"
	make_site
}

# kill_inside LOCK PATH   requests for PATH, until a worker has ended inside of LOCK and the master has another one
kill_inside() {
	crew >"$tmp/before"
	echo "$1" >"$tmp/order"
	mv "$tmp/order" "$tmp/killed-in"
	killed() { fetch "$2" && [ ! -e "$tmp/killed-in" ]; }
	within 60 killed "$@"
	changed() { workers_are 2 && ! crew | cmp -s - "$tmp/before"; }
	within 60 changed
}

statuses_of() { # statuses_of PATH...
	local path got=
	for path; do
		fetch "$path"
		got="$got $status"
	done
	echo "${got# }"
}

records() { # records ZONE
	fetch /status
	python3 -c 'import json, sys
print(next(z["records"] for z in json.load(open(sys.argv[1]))["zones"] if z["name"] == sys.argv[2]))' "$body" "$1"
}

@test "each lock of the workers: its holder is killed, the others go on with the right numbers" {
	BUILT=$tmp/with-killer
	export KILLED_IN=$tmp/killed-in
	OUTSIDE='' with_http "limit_req_zone \$arg_key zone=rate:32k rate=1r/m; limit_conn_zone \$arg_key zone=places:32k;
		proxy_cache_path $tmp/cache keys_zone=pages:64k;
		upstream behind { zone shared 64k; server unix:$tmp/behind; }
		server { listen unix:$tmp/behind; return 200 behind; }
		server {
			listen LISTEN; root $site;
			location = /rate { limit_req zone=rate; alias $site/page; }
			location = /places { limit_conn places 1; alias $site/page; }
			location = /pages { proxy_pass http://behind; proxy_cache pages; proxy_cache_valid 1h; add_header X-Cache \$upstream_cache_status; }
			location = /shared { proxy_pass http://behind; }
			location = /status { status; }
		}"
	[ "$(statuses_of '/rate?key=a' '/rate?key=a' '/rate?key=b' '/rate?key=b')" = '200 503 200 503' ]
	kill_inside rate '/rate?key=c'
	grep -q 'zone "rate" was locked by' "$log"
	[ "$(statuses_of '/rate?key=a' '/rate?key=a')" = '200 503' ]
	grep -q 'zone "rate": process .* it begins anew, empty' "$log"
	[ "$(records rate)" = 1 ]

	kill_inside places '/places?key=a'
	[ "$(statuses_of '/places?key=a' '/places?key=a')" = '200 200' ]
	[ "$(records places)" = 0 ]

	fetch /pages
	[ "$(statuses_of /pages)" = 200 ] && [ "$(header X-Cache)" = HIT ]
	kill_inside pages /pages
	within 60 answers 200 /pages
	within 60 hits

	kill_inside shared /shared
	[ "$(statuses_of /shared /shared)" = '200 200' ]
	stop
}
hits() { fetch /pages && [ "$(header X-Cache)" = HIT ] && [ "$(cat "$body")" = behind ]; }

@test "the accept mutex: its holder is killed, the others go on" {
	BUILT=$tmp/with-killer
	export KILLED_IN=$tmp/killed-in
	OUTSIDE='' EVENTS_MORE='' with_accept_mutex
	for _ in 1 2 3; do
		kill_inside 'accept mutex' /page
		grep -q "the accept mutex was process" "$log"
		within 60 answers 200 /page
	done
	stop
}
with_accept_mutex() {
	cat >"$tmp/server.conf" <<-END
		daemon off; worker_processes 2; pid server.pid; error_log stderr info;
		events { accept_mutex on; accept_mutex_delay 20ms; }
		http { access_log off; server { listen 127.0.0.1:0; root $site; } }
	END
	start_with
	within 20 workers_are 2
}
