# The cache of proxied answers: what is stored, for how long, beside which variants, and what is left after a fault.
load lib
load master

setup() {
	rm -f "$tmp/up"
	python3 "$BATS_TEST_DIRNAME/cache.py" up >"$tmp/up" 3>&- &
	holder=$!
	within 20 test -s "$tmp/up"
	up=http://127.0.0.1:$(cat "$tmp/up")
	rm -rf "$tmp/cache"
}

# behind DIRECTIVES   in http {}: a server whose locations ask the server of cache.py ($up) through a cache
behind() {
	conf="proxy_cache_path $tmp/cache levels=1:2 keys_zone=pages:1m ${PATH_MORE:-};
		server {
			listen LISTEN; proxy_cache pages; proxy_pass_header X-Accel-Expires; add_header X-Cache \$upstream_cache_status always;
			location / { proxy_pass $up; }
			$1
		}"
}

# crew_of N 'CONF'   a master, N workers and the helper with this inside http {}
crew_of() {
	cat >"$tmp/server.conf" <<-END
		daemon off; worker_processes $1; pid server.pid; error_log stderr info;
		events { worker_connections 512; }
		http { access_log off; ${2//LISTEN/127.0.0.1:0} }
	END
	start_with
	within 20 workers_are $(($1 + 1))
	within 20 helped
	within 20 titled
}

titled() { not grep -qvE 'worker|helper' <(for w in $(workers); do title "$w"; done); }
kind() { for w in $(workers); do if title "$w" | grep -q "$1"; then echo "$w"; fi; done; }
helped() { [ -n "$(kind helper)" ]; }

stored() { find "$tmp/cache" -type f -regex '.*/[0-9a-f]*' 2>/dev/null | wc -l; }
stored_is() { [ "$(stored)" -eq "$1" ]; }
word() { # what the cache says about PATH
	fetch -H "X-Answer: ${ANSWER:-200|Cache-Control: max-age=600}" "$1" >/dev/null
	header X-Cache
}
says_of() { word "$1" >/dev/null; [ "$(header X-Cache)" = "$2" ]; }
descriptors() { ls "/proc/$1/fd" | wc -l; }

@test "tables of exchanges: RFC 9111, RFC 9213, and each directive" {
	shm=$(mktemp -d /dev/shm/lab.XXXXXX || mktemp -d "$tmp/shm.XXXXXX") # /dev/shm is another file system than the cache's, mostly
	behind "
		location /use_stale { proxy_pass $up; proxy_cache_use_stale error http_500; }
		location /far { proxy_pass $up; proxy_cache_max_range_offset 100; }
		location /valid { proxy_pass $up; proxy_cache_valid 200 1m; }
		location /ignore { proxy_pass $up; proxy_cache_valid any 1m; proxy_ignore_headers Cache-Control Set-Cookie; }
		location /uses { proxy_pass $up; proxy_cache_min_uses 3; }
		location /bypass { proxy_pass $up; proxy_cache_bypass \$http_x_bypass; proxy_no_cache \$http_x_not; }
		location /key { proxy_pass $up; proxy_cache_key \$uri\$arg_a; }
		location /post { proxy_pass $up; proxy_cache_methods POST; }
		location /head { proxy_pass $up; proxy_cache_convert_head off; }
		location /whole { proxy_pass $up; proxy_cache_revalidate off; }
		location /one { proxy_pass $up; proxy_cache_key \$arg_k; proxy_hide_header X-A; add_header X-B one; add_header X-Cache \$upstream_cache_status; proxy_ignore_headers Set-Cookie; proxy_cookie_path / \$arg_path; }
		location /two { proxy_pass $up; proxy_cache_key \$arg_k; charset \$arg_charset; }
		location /var { proxy_pass $up; proxy_cache \$args; }
		location /aside { proxy_pass $up; proxy_cache aside; proxy_temp_path $tmp/aside.new; }
		location /shm { proxy_pass $up; proxy_cache aside; proxy_temp_path $shm; }
		location /off { proxy_pass $up; proxy_cache off; }
		location = /status { proxy_cache off; status; }"
	http "proxy_cache_path $tmp/aside keys_zone=aside:1m use_temp_path=on; $conf"
	python3 "$BATS_TEST_DIRNAME/cache.py" table "$port" "$up"
	[ -z "$(find "$shm" "$tmp/aside.new" -type f)" ]
	fetch /status
	grep -qE '"cache": \{"hit": [1-9][0-9]*, "miss": [1-9][0-9]*, "expired": [1-9][0-9]*, "revalidated": [1-9][0-9]*, "stale": [1-9][0-9]*, "updating": 0, "bypass": 1\}' "$body"
	grep -qE '"name": "aside", .*"files": 3, "bytes": [0-9]*\}' "$body"
	rm -rf "$shm"
	within 5 test "$(find "$tmp/cache" -name '*.*.*' | wc -l)" -eq 0
	stop
}

@test "a hundred clients for one page: the server is asked once" {
	behind "location /lock { proxy_pass $up; proxy_cache_lock on; }
		location /short { proxy_pass $up; proxy_cache_lock on; proxy_cache_lock_timeout 100ms; }
		location /old { proxy_pass $up; proxy_cache_use_stale updating; }"
	crew_of 2 "$conf"
	crowd() { python3 "$BATS_TEST_DIRNAME/cache.py" crowd "$port" "$@" | tee "$tmp/crowd"; }
	crowd 100 /lock/a
	[ "$(cat "$tmp/crowd")" = '1 HIT:99 MISS:1' ]
	# what must not be stored is not waited for one after the other
	crowd 20 /lock/private '200|Cache-Control: private'
	grep -qx '20 MISS:20' "$tmp/crowd"
	# a request that has waited too long asks the server, and does not store the answer
	crowd 5 /short/a
	grep -qE '^5 .*MISS:5' "$tmp/crowd"
	# a stale page, while one request refreshes it
	[ "$(ANSWER='200|Cache-Control: max-age=60|Age: 100|ETag: "a"' word /old/a)" = MISS ]
	crowd 20 /old/a
	grep -qE '^2 EXPIRED:1 UPDATING:19$' "$tmp/crowd"
	stop
}

@test "a stale page at once, and the fresh one afterwards" {
	behind "location /later { proxy_pass $up; proxy_cache_use_stale updating; proxy_cache_background_update on; }"
	http "$conf"
	for where in / /later/; do
		[ "$(ANSWER='200|Cache-Control: max-age=60, stale-while-revalidate=500|Age: 100|ETag: "a"' word ${where}a)" = MISS ]
		fetch -H 'X-Wait: 1' -H 'X-Answer: 200|Cache-Control: max-age=600' "${where}a"
		[ "$(header X-Cache)" = STALE ]
		within 10 says_of "${where}a" HIT
		[ "$(header X-Count)" -gt 1 ]
	done
	# one that fails, or is cut, harms neither the answer nor what is stored
	[ "$(ANSWER='200|Cache-Control: max-age=60, stale-while-revalidate=500|Age: 100' word /b)" = MISS ]
	for how in 'X-Cut: 1' 'X-Answer: none' 'X-Answer: 500'; do
		fetch -H "$how" -H 'X-Answer: 200|Cache-Control: max-age=60' /b
		[ "$status" = 200 ]
		[ "$(sed -n 1p "$body" | cut -c 1-6)" = answer ]
	done
	stop
}

@test "after a restart what was stored is there, and so is the index" {
	behind ''
	http "$conf"
	for page in a b c; do [ "$(word /$page)" = MISS ]; done
	stop
	[ "$(stored)" -eq 3 ]
	echo foreign >"$tmp/cache/foreign"
	: >"$tmp/cache/$(basename "$(find "$tmp/cache" -type f -regex '.*/[0-9a-f]*' | head -n 1)").999999999.1"
	mkdir -p "$tmp/cache/a/bc"
	: >"$tmp/cache/a/bc/0123456789abcdef0123456789abcabc.999999999.7"
	http "$conf"
	within 10 grep -q 'cache "pages": 3 files, 12288 bytes' "$log"
	for page in a b c; do [ "$(word /$page)" = HIT ]; done
	[ -e "$tmp/cache/foreign" ]
	within 10 test ! -e "$tmp/cache/a/bc/0123456789abcdef0123456789abcabc.999999999.7"
	stop
}

@test "a reload keeps what is stored and what is known" {
	behind ''
	crew_of 2 "$conf"
	[ "$(word /a)" = MISS ]
	rm -rf "$tmp/hidden" && reload
	within 20 times_logged 1 reloaded
	[ "$(word /a)" = HIT ]
	[ "$(grep -c 'cache "pages": ' "$log")" -eq 1 ] # it was not read again
	stop
}

@test "a file that is removed, torn, of another key or of something else is a miss" {
	behind ''
	http "$conf"
	one() { find "$tmp/cache" -type f -regex '.*/[0-9a-f]*' | head -n 1; }
	[ "$(word /a)" = MISS ]
	for damage in 'rm -f "$file"' 'truncate -s -1 "$file"' ': >"$file"' 'echo junk >"$file"' 'printf x | dd of="$file" bs=1 seek=140 conv=notrunc status=none' \
		'sed -i s/max-age=600/max-age=900/ "$file"' \
		"printf '\\377' | dd of=\"\$file\" bs=1 seek=44 conv=notrunc status=none" 'head -c 200 "$file" >"$file.x"; mv "$file.x" "$file"' 'echo more >>"$file"' 'rm -f "$file"; mkfifo "$file"' 'rm -f "$file"; mkdir "$file"; rmdir "$file"'; do
		[ "$(word /a)" = HIT ]
		file=$(one)
		eval "$damage"
		says_of /a MISS || { echo "after $damage: $(header X-Cache)"; false; }
	done
	# the file of another page in the place of this one
	mine=$(one)
	[ "$(word /b)" = MISS ]
	cp "$(find "$tmp/cache" -type f -regex '.*/[0-9a-f]*' | grep -vxF "$mine")" "$mine"
	[ "$(word /a)" = MISS ]
	[ "$(word /b)" = HIT ]
	stop
}

@test "the manager removes what is not used, and what is too much" {
	PATH_MORE='max_size=40k inactive=4s manager_sleep=1ms' behind ''
	crew_of 2 "$conf"
	for page in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do word /$page >/dev/null; done
	within 10 stored_is 10
	[ "$(word /15)" = HIT ]
	[ "$(word /1)" = MISS ]
	within 30 stored_is 0
	stop
}

@test "a killed worker, helper: the answers go on" {
	behind "location /lock { proxy_pass $up; proxy_cache_lock on; proxy_cache_lock_age 60s; proxy_cache_lock_timeout 60s; }"
	crew_of 1 "$conf"
	[ "$(word /a)" = MISS ]
	# while it waits for the answer, as the worker that holds the lock of the page
	(curl -s -m 20 -H 'X-Wait: 20' "$url/lock/x" || true) >/dev/null 2>&1 3>&- &
	within 20 grep -q waits "$tmp/up"
	old=$(kind worker)
	kill -KILL "$old"
	within 20 others "$old" 2
	within 20 test "$(curl -s -o /dev/null -m 5 -w '%{http_code}' "$url/a")" = 200
	[ "$(word /a)" = HIT ]
	[ "$(word /lock/x)" = MISS ] # no request waits for a process that has ended
	[ "$(word /lock/x)" = HIT ]
	old=$(kind helper)
	kill -KILL "$old"
	within 20 others "$old" 2
	within 20 helped
	[ "$(word /a)" = HIT ]
	stop
}

@test "a full disk: the answer is given and not kept, and the log says so" {
	"${CC:-cc}" -shared -fPIC -O1 "$BATS_TEST_DIRNAME/fault.c" -o "$tmp/fault.so" -ldl
	behind ''
	export FAULT_DISK=$tmp/full
	: >"$FAULT_DISK"
	PRELOAD=$tmp/fault.so http "$conf"
	for i in 1 2; do
		fetch -H 'X-Size: 100000' /a
		[ "$status" = 200 ]
		[ "$(header X-Cache)" = MISS ]
		[ "$(stat -c %s "$body")" -gt 100000 ]
	done
	grep -q 'the answer is not cached: .*No space left on device' "$log"
	[ "$(find "$tmp/cache" -type f | wc -l)" -eq 0 ]
	rm "$FAULT_DISK"
	[ "$(word /a)$(word /a)" = MISSHIT ]
	stop
}

@test "no descriptor and no file is left, whichever side leaves first" {
	behind "location /lock { proxy_pass $up; proxy_cache_lock on; } location = /status { proxy_cache off; status; }"
	http "$conf"
	[ "$(word /a)" = MISS ]
	upstreams() { curl -s "$url/status" | grep '"upstreams"' | sed "s/.*\"$1\": \([0-9]*\).*/\1/"; }
	# what may stay open: pages of the cache (open_file_cache), and connections to the other server that are kept
	held() { echo $(($(find "/proc/$pid/fd" -type l ! -lname "$tmp/cache/*" | wc -l) - $(upstreams idle))); }
	before=$(held)
	rounds() {
		local clients=''
		for i in 2 4 6; do
			for how in 'X-Wait: 5' 'X-Size: 5000000' 'X-Cut: 1' 'X-Answer: none'; do
				curl -s -o /dev/null -m "0.$i" --limit-rate 100k -H "$how" "$url/lock/$1$i" 3>&- &
				clients+=" $!"
			done
		done
		wait $clients || true
	}
	settled() { [ "$(held)" -le "$1" ] && [ "$(upstreams busy)" -eq 0 ] && [ "$(find "$tmp/cache" -name '*.*' | wc -l)" -eq 0 ]; }
	rounds a
	rounds b
	within 20 settled "$before"
	[ "$(word /a)" = HIT ]
	stop
}

@test "what cannot be right is refused when the configuration is read" {
	wrong() { config_error "$1" "events {} http { $2 server { listen 127.0.0.1:0; } }"; }
	wrong 'must have the "keys_zone" parameter' 'proxy_cache_path x levels=1:2;'
	wrong 'invalid value "1:3"' 'proxy_cache_path x levels=1:3 keys_zone=a:1m;'
	wrong 'invalid value "1:2:1:2"' 'proxy_cache_path x levels=1:2:1:2 keys_zone=a:1m;'
	wrong 'is too small' 'proxy_cache_path x keys_zone=a:1k;'
	wrong 'invalid parameter "colour=red"' 'proxy_cache_path x keys_zone=a:1m colour=red;'
	wrong 'invalid value "maybe"' 'proxy_cache_path x keys_zone=a:1m use_temp_path=maybe;'
	wrong 'has a cache already' 'proxy_cache_path x keys_zone=a:1m; proxy_cache_path x keys_zone=b:1m;'
	wrong 'cache "a" is defined already' 'proxy_cache_path x keys_zone=a:1m; proxy_cache_path y keys_zone=a:1m;'
	wrong 'cache "b" is unknown' 'proxy_cache b;'
	wrong 'unknown "nothing" variable' 'proxy_cache $nothing;'
	wrong 'invalid value "299x"' 'proxy_cache_valid 299x 1m;'
	wrong 'invalid value "soon"' 'proxy_cache_valid 200 soon;'
}
