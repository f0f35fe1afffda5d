# limit_conn and limit_req. Requests in one write are read at one moment: what the bucket
# holds then does not depend on how fast this machine is.
load lib

make_site() {
	echo page >"$site/page"
	echo page >"$site/index.html"
	truncate -s 64M "$site/long"
}

# at_once PATH...   all in one write, which a shell's printf is not; $codes, and what X-Limit said of each is in $limits
at_once() {
	local path last=${*: -1} socket
	for path in "${@:1:$#-1}"; do printf 'GET %s HTTP/1.1\r\nHost: x\r\n\r\n' "$path"; done >"$tmp/requests"
	printf 'GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' "$last" >>"$tmp/requests"
	answer=$tmp/answer
	exec {socket}<>"/dev/tcp/127.0.0.1/$port"
	cat "$tmp/requests" >&"$socket" &
	timeout 20 cat <&"$socket" >"$answer"
	wait $!
	exec {socket}>&-
	codes=$(statuses)
	limits=$(tr -d '\r' <"$answer" | sed -n 's/^X-Limit: //p' | tr '\n' ' ' | sed 's/ $//')
	echo "$codes | $limits"
}

# hold NAME PATH   a connection whose answer is not read
hold() {
	local -n socket=$1
	exec {socket}<>"/dev/tcp/127.0.0.1/$port"
	printf 'GET %s HTTP/1.1\r\nHost: x\r\n\r\n' "$2" >&"$socket"
}

let_go() {
	local -n socket=$1
	exec {socket}>&-
}

conn() {
	http "limit_conn_zone \$arg_key zone=keys:32k; limit_conn_zone everybody zone=all:1m;
		add_header X-Limit \$limit_conn_status always; server { listen LISTEN; root $site; $1 }"
}

req() { # req RATE DIRECTIVES
	http "limit_req_zone \$arg_key zone=keys:32k rate=$1; limit_req_zone everybody zone=all:1m rate=2r/s;
		add_header X-Limit \$limit_req_status always; server { listen LISTEN; root $site; $2 }"
}

@test "limit_conn: so many at a time for a key" {
	conn 'limit_conn keys 2;'
	hold first '/long?key=a'
	within 10 answers 200 '/page?key=a'
	hold second '/long?key=a'
	within 10 answers 503 '/page?key=a'
	grep -q 'limiting connections by zone "keys"' "$log"
	[ "$(header X-Limit)" = REJECTED ]
	answers 200 '/page?key=b'
	[ "$(header X-Limit)" = PASSED ]
	answers 200 /page
	[ -z "$(header X-Limit)" ]
	let_go first
	within 10 answers 200 '/page?key=a'
	let_go second
	stop
}

@test "limit_conn: two zones, another status, dry run" {
	conn 'limit_conn_status 429; location / { limit_conn keys 5; limit_conn all 1; } location /dry/ { alias '"$site"'/; limit_conn keys 1; limit_conn_dry_run on; }'
	hold first '/long?key=a'
	within 10 answers 429 '/page?key=b'
	hold second '/long?key=a'
	answers 200 '/dry/page?key=a'
	[ "$(header X-Limit)" = REJECTED_DRY_RUN ]
	grep -q 'limiting connections, dry run, by zone "keys"' "$log"
	let_go first
	let_go second
	within 10 answers 200 '/page?key=b'
	stop
}

@test "limit_conn: a redirect within does not count twice, and each answer gives its place back" {
	conn 'limit_conn keys 1;'
	at_once '/?key=a' '/?key=a' '/nothing?key=a' '/page?key=a'
	[ "$codes" = '200 200 404 200' ]
	stop
}

@test "limit_req: without a burst" {
	req 1r/m 'limit_req zone=keys;'
	at_once '/page?key=a' '/page?key=a' '/page?key=b' /page /page
	[ "$codes" = '200 503 200 200 200' ]
	[ "$limits" = 'PASSED REJECTED PASSED' ]
	grep -q 'limiting requests, excess: 1.000 by zone "keys"' "$log"
	stop
}

@test "limit_req: nodelay lets a burst through" {
	req 1r/m 'limit_req zone=keys burst=2 nodelay; limit_req_status 429;'
	at_once '/page?key=a' '/page?key=a' '/page?key=a' '/page?key=a'
	[ "$codes" = '200 200 200 429' ]
	stop
}

@test "limit_req: the others wait for their turn" {
	req 4r/s 'limit_req zone=keys burst=9;'
	began=$(date +%s%N)
	at_once '/page?key=a' '/page?key=a' '/long?key=a'
	[ "$codes" = '200 200 200' ]
	[[ $limits =~ ^PASSED\ DELAYED\ (DELAYED|PASSED)$ ]] # the third is looked at when the second has waited
	[ $((($(date +%s%N) - began) / 1000000)) -ge 249 ]
	grep -Eq 'delaying request, excess: (1\.000|0\.[0-9]+) by zone "keys"' "$log"
	stop
}

@test "limit_req: delay= lets the first of a burst through" {
	req 2r/s 'limit_req zone=keys burst=9 delay=2;'
	at_once '/page?key=a' '/page?key=a' '/page?key=a' '/page?key=a'
	[ "$codes" = '200 200 200 200' ]
	[ "$limits" = 'PASSED PASSED PASSED DELAYED' ]
	stop
}

@test "limit_req: several limits, and who is rejected counts in none" {
	req 1r/m 'location / { limit_req zone=all burst=9 nodelay; limit_req zone=keys; }
		location /all { limit_req zone=all; try_files /page =404; }'
	at_once '/page?key=a' '/page?key=a' '/page?key=a' /all
	[ "$codes" = '200 503 503 503' ]
	grep -Eq 'limiting requests, excess: (1\.000|0\.9[0-9]+) by zone "all"' "$log"
	stop
}

@test "limit_req: dry run says what would have been" {
	req 1r/m 'location / { limit_req zone=keys burst=1; limit_req_dry_run on; }'
	at_once '/page?key=a' '/page?key=a' '/page?key=a'
	[ "$codes" = '200 200 200' ]
	[ "$limits" = 'PASSED DELAYED_DRY_RUN REJECTED_DRY_RUN' ]
	stop
}

@test "limit_req: a redirect within counts once" {
	req 1r/m 'limit_req zone=keys;'
	answers 200 '/?key=a'
	answers 503 '/?key=a'
	stop
}

@test "limit_req: a client that leaves while it waits" {
	req 1r/m 'limit_req zone=keys burst=5;'
	answers 200 '/page?key=a'
	hold waiting '/page?key=a'
	within 10 grep -q 'delaying request' "$log"
	let_go waiting
	answers 200 '/page?key=b'
	stop
}

@test "a full zone forgets who asked longest ago" {
	req 1r/m 'limit_req zone=keys; keepalive_requests 9999;'
	at_once '/page?key=first' '/page?key=first'
	[ "$codes" = '200 503' ]
	at_once $(seq -f '/page?key=%g' 2000) >"$tmp/much"
	[ "$(tr ' ' '\n' <<<"$codes" | sort | uniq -c | tr -s ' ')" = ' 2000 200' ]
	at_once '/page?key=2000' '/page?key=first'
	[ "$codes" = '503 200' ]
	stop
}

@test "what is wrong in the configuration" {
	in_http() { config_error "$1" "http { $2 }"; }
	in_http 'invalid value "zone=a"' 'limit_req_zone $uri zone=a rate=1r/s;'
	in_http 'zone "a" is too small' 'limit_req_zone $uri zone=a:1k rate=1r/s;'
	in_http 'invalid value "rate=1"' 'limit_req_zone $uri zone=a:1m rate=1;'
	in_http 'invalid value "rate=0r/s"' 'limit_req_zone $uri zone=a:1m rate=0r/s;'
	in_http 'already bound to key' 'limit_req_zone $uri zone=a:1m; limit_req_zone $args zone=a:1m;'
	in_http 'zone "b" is not defined' 'limit_req zone=b;'
	in_http 'zone "b" is not defined' 'limit_conn b 1;'
	in_http 'invalid value "burst=0"' 'limit_req zone=b burst=0;'
	in_http 'must have the "zone" parameter' 'limit_req burst=1;'
	in_http 'invalid number of connections "0"' 'limit_conn b 0;'
	in_http 'duplicate' 'limit_conn b 1; limit_conn b 2;'
	in_http 'limit_conn_status' 'limit_conn_status 200;'
	in_http 'unknown "nothing" variable' 'limit_conn_zone $nothing zone=a:1m;'
	config_good 'http { access_log off; server { limit_req zone=late; } limit_req_zone $uri zone=late:1m rate=30r/m; }'
}
