#!/usr/bin/env bats
# Servers behind this one: which is asked, what is kept, who waits, and what happens when they fail.
load lib
load master

# with_http 'IN http {}'   a master and workers, as in master.bash
with_http() {
	cat >"$tmp/server.conf" <<-END
		daemon off; worker_processes ${WORKERS:-2}; pid server.pid; error_log stderr info;
		events { worker_connections 256; }
		http { access_log off; ${1//LISTEN/127.0.0.1:0} }
	END
	start_with
	within 20 workers_are "${WORKERS:-2}"
	within 20 titled
}

setup() {
	folder=$tmp/$BATS_TEST_NUMBER
	mkdir -p "$folder"
}

teardown() {
	local one
	for one in "${behind[@]}" "${clients[@]}"; do kill -KILL "$one" 2>/dev/null || true; done
	# without a word it would wait for all
	for one in "${behind[@]}" "${clients[@]}"; do wait "$one" 2>/dev/null || true; done
	for left in ${pid:-}; do
		kill -TERM "$left" 2>/dev/null || true
		wait "$left" 2>/dev/null || true
	done
	if [ -s "${log:-}" ]; then sed 's/^/log: /' "$log" | tail -40; fi
}

# behind NAME [PORT]   starts behind.py: its port is ${port_of[NAME]}, its process ${process_of[NAME]}
declare -gA port_of process_of
declare -ga behind=() clients=()
behind() {
	rm -f "$folder/$1.port"
	python3 -SE "$BATS_TEST_DIRNAME/behind.py" "$1" "$folder" "${@:2}" 3>&- 4>&- &
	behind+=($!)
	process_of[$1]=$!
	within 20 test -s "$folder/$1.port"
	port_of[$1]=$(cat "$folder/$1.port")
}

end() { # end NAME
	kill -KILL "${process_of[$1]}"
	wait "${process_of[$1]}" 2>/dev/null || true
}

# proxy 'IN upstream {}' ['IN server {}' ['IN http {}']]   a, b, c stand for the servers behind
the_conf() {
	local inside=$1 one
	for one in "${!port_of[@]}"; do inside=${inside//server $one/server 127.0.0.1:${port_of[$one]}}; done
	echo "upstream behind { $inside } ${3:-}
		server {
			listen LISTEN; root $site; ${2:-}
			location / { proxy_pass http://behind; proxy_next_upstream error timeout http_500; }
			location = /status { status; }
		}"
}
proxy() { http "$(the_conf "$@")"; }

# gets 'TEXT' [PATH]   the answer to one request
gets() {
	answers 200 "${2:-/}"
	cat "$body"
	[ "$(cat "$body")" = "$1" ]
}

# letters 'PATHS'   who answers each of them, curl's way: "[1-8]"; the connection of the client stays
letters() { curl -s -m 20 "$url/$1" | cut -c 1 | tr -d '\n'; }

# counts NAME VALUE   one of the numbers of upstreams in /status
count_of() { curl -s -m 5 "$url/status" | sed -n "s/.*\"upstreams\": {.*\"$1\": \([0-9]*\).*/\1/p"; }
counts() { [ "$(count_of "$1")" = "$2" ] || read -r -t .1 -u "$nap"; } # asking ten times in a second is enough

# client KEY [PATH]   a request in the background: its status and answer in $folder/KEY.answer
client() {
	(exec curl -s -m 60 -w ' %{http_code}' -o >(cat >"$folder/$1.answer") "$url${2:-/hold/$1}" >"$folder/$1.status") 3>&- 4>&- &
	clients+=($!)
	client_of[$1]=$!
}
declare -gA client_of
client_got() { wait "${client_of[$1]}" || true; grep -q " $2$" "$folder/$1.status"; }
arrived() { grep -qxF "$2" "$folder/$1.log"; } # arrived NAME PATH
descriptors() { find "/proc/${1:-$pid}/fd" -mindepth 1 | wc -l; }
descriptors_are() { [ "$(descriptors)" -eq "$1" ]; }
at_rest() { # how many descriptors it has when nothing happens: the same number five times
	local last=0 same=0 count
	while [ $same -lt 5 ]; do
		count=$(descriptors)
		if [ "$count" -eq "$last" ]; then same=$((same + 1)); else same=0; fi
		last=$count
		sleep .05
	done
	echo "$last"
}

@test "a connection is kept, and carries one request after the other" {
	behind a
	proxy 'server a;'
	for i in 1 2 3; do gets "a 1 $i"; done
	within 20 counts idle 1
	counts opened 1
	counts reused 2
	counts busy 0
	stop
}

@test "keepalive 0, keepalive_requests, keepalive_timeout: what is not kept" {
	behind a
	proxy 'server a; keepalive 0;'
	for i in 1 2 3; do gets "a $i 1"; done
	counts idle 0
	stop
	proxy 'server a; keepalive_requests 2;'
	gets 'a 4 1'
	gets 'a 4 2'
	gets 'a 5 1'
	stop
	proxy 'server a; keepalive_timeout 50ms;'
	gets 'a 6 1'
	within 20 counts idle 0
	gets 'a 7 1'
	stop
}

@test "an idle connection that the server has closed is replaced, unseen by the client" {
	behind a
	proxy 'server a;'
	gets 'a 1 1'
	kill -USR1 "${process_of[a]}"
	within 20 counts idle 0
	gets 'a 2 1'
	gets 'a 3 1' /fresh # it is closed when the request is there already
	not grep -E '\[(error|warn|crit|alert)\]' "$log"
	stop
}

@test "bytes behind the answer, or \"Connection: close\" in it: the connection is not used again" {
	behind a
	proxy 'server a;'
	gets 'a 1 1' /more
	gets 'a 2 1' /close
	gets 'a 3 1'
	stop
}

@test "in turn, by weight; down, and backup only when the others have failed" {
	behind a
	behind b
	proxy 'server a weight=3; server b; keepalive 0;'
	[ "$(letters '[1-8]')" = aabaaaba ]
	stop
	proxy 'server b backup; server a down; server 127.0.0.1:1 weight=10;'
	[ "$(letters '[1-3]')" = bbb ]
	stop
}

@test "hash: a page has its server; ip_hash: a client has; both survive a server that is down" {
	behind a
	behind b
	behind c
	for method in 'hash $uri' 'hash $uri consistent'; do
		proxy "$method; server a; server b; server c;"
		first=$(letters '[10-29]')
		[[ $first = *a* && $first = *b* && $first = *c* ]]
		[ "$(letters '[10-29]')" = "$first" ]
		stop
		proxy "$method; server a; server b down; server c;"
		second=$(letters '[10-29]')
		for i in {0..19}; do [ "${second:i:1}" = "${first:i:1}" ] || [ "${first:i:1}" = b ]; done
		[[ $second != *b* ]]
		stop
	done
	proxy 'ip_hash; server a; server b; server c;' 'set_real_ip_from 127.0.0.1; real_ip_header X-Client;'
	seen=
	for i in {1..8}; do
		fetch -H "X-Client: 10.$i.3.4" /
		one=$(cut -c 1 "$body")
		fetch -H "X-Client: 10.$i.3.99" / # the same network
		[ "$(cut -c 1 "$body")" = "$one" ]
		seen+=$one
	done
	[[ $seen = *a* && $seen = *b* && $seen = *c* ]]
	stop
}

@test "least_conn, random two: the server that is busy is not asked" {
	behind a
	behind b
	for method in least_conn 'random two least_conn'; do
		rm -f "$folder/"{a,b}.log "$folder/held"
		proxy "$method; server a; server b;"
		client held
		within 20 counts busy 1
		held() { cat "$folder/"{a,b}.log 2>/dev/null | grep -q /hold/held; }
		within 20 held
		if arrived a /hold/held; then free=b; else free=a; fi
		[ "$(letters '[1-4]')" = $free$free$free$free ]
		touch "$folder/held"
		client_got held 200
		stop
	done
}

@test "all servers down and back: 502 at once, then in again after fail_timeout" {
	behind a
	behind b
	proxy 'server a fail_timeout=1s; server b fail_timeout=1s;'
	answers 200 /status
	before=$(at_rest)
	answers 200 /
	answers 200 /
	end a
	[ "$(letters '[1-3]')" = bbb ]
	end b
	for _ in 1 2 3; do answers 502 /; done
	grep -q 'no live upstreams' "$log"
	within 20 descriptors_are "$before"
	behind b "${port_of[b]}"
	within 20 answers 200 /
	behind a "${port_of[a]}"
	got_from_a() { [ "$(letters '')" = a ]; }
	within 20 got_from_a
	stop
}

@test "the queue: in order, without the client that left; full is 503, too long is 504" {
	behind a
	proxy 'server a; pool_max 1; queue 3 timeout=30s;'
	client one
	within 20 arrived a /hold/one
	for key in two three four; do
		client $key
		waiting=$((${waiting:-0} + 1))
		within 20 counts waiting $waiting
	done
	answers 503 /
	counts queue_full 1
	kill "${client_of[three]}"
	within 20 counts waiting 2
	client five
	within 20 counts waiting 3
	for key in one two four five; do touch "$folder/$key"; done
	for key in one two four five; do client_got $key 200; done
	[ "$(tr '\n' ' ' <"$folder/a.log")" = '/hold/one /hold/two /hold/four /hold/five ' ]
	counts opened 1
	counts queued 4
	stop

	proxy 'server a; pool_max 1; queue 3 timeout=100ms;'
	client six
	within 20 arrived a /hold/six
	answers 504 /
	counts queue_timeout 1
	touch "$folder/six"
	client_got six 200
	stop
}

@test "max_conns without a queue: 503; with another server: that one" {
	behind a
	behind b
	proxy 'server a max_conns=1;'
	client one
	within 20 arrived a /hold/one
	answers 503 /
	touch "$folder/one"
	client_got one 200
	answers 200 /
	stop
	rm "$folder"/*.log
	proxy 'server a max_conns=1; server b;'
	client two
	within 20 arrived a /hold/two
	[ "$(letters '[1-3]')" = bbb ]
	touch "$folder/two"
	client_got two 200
	stop
}

@test "/status: each server behind, what it does and how it is" {
	behind a
	behind b
	proxy 'server a max_conns=1; server 127.0.0.1:1 fail_timeout=1h; server b backup; server 127.0.0.2:2 down;'
	client one
	within 20 arrived a /hold/one
	answers 200 /
	answers 200 /status
	shown() { # NAME STATE BUSY IDLE FAILS
		python3 - "$body" "$@" <<-'END'
			import json, sys
			one = [s for s in json.load(open(sys.argv[1]))['servers_behind'] if s['name'] == sys.argv[2]][0]
			print(one)
			assert one['upstream'] == 'behind' and [one['state']] + [str(one[k]) for k in ('busy', 'idle', 'fails')] == sys.argv[3:]
		END
	}
	shown "127.0.0.1:${port_of[a]}" full 1 0 0
	shown 127.0.0.1:1 failed 0 0 1
	shown "127.0.0.1:${port_of[b]}" backup 0 1 0
	shown 127.0.0.2:2 down 0 0 0
	touch "$folder/one"
	client_got one 200
	answers 200 /status
	shown "127.0.0.1:${port_of[a]}" up 0 1 0
	stop
}

@test "no descriptor is left: refused, dropped, left while connecting, while waiting, in the queue" {
	behind a
	proxy 'server a; keepalive 0; pool_max 2; queue 2;' 'location = /refused { proxy_pass http://127.0.0.1:1; }'
	answers 200 /
	before=$(at_rest)
	answers 502 /refused
	answers 502 /drop
	for key in one two three four; do client $key; done
	within 20 counts waiting 2
	within 20 counts busy 2
	kill "${clients[@]}"
	within 20 counts waiting 0
	within 20 counts busy 0
	answers 200 /
	within 20 descriptors_are "$before"
	stop
}

@test "zone: all workers count together, and what a killed worker had is free again" {
	behind a
	WORKERS=2 with_http "$(the_conf 'zone behind 64k; server a max_conns=2;')"
	client one
	client two
	within 20 arrived a /hold/one
	within 20 arrived a /hold/two
	for _ in 1 2 3 4; do answers 503 /; done # whichever worker
	for worker in $(crew); do kill -KILL "$worker"; done
	within 20 answers 200 /
	for _ in 1 2 3 4; do answers 200 /; done
	kill -TERM "$pid"
	within 20 gone_or_zombie "$pid"
	not grep -E 'Sanitizer|runtime error' "$log"
}

@test "zone: a reload keeps what was counted, other servers start again" {
	behind a
	behind b
	WORKERS=1 with_http "$(the_conf 'zone behind 64k; server a fail_timeout=1h; server b fail_timeout=1h;')"
	end a
	answers 200 /
	answers 200 /
	behind a "${port_of[a]}"
	WORKERS=1
	reload
	[ "$(letters '[1-4]')" = bbbb ]
	change 's/server 127.0.0.1:\([0-9]*\) fail_timeout=1h; server/server 127.0.0.1:\1 weight=2 fail_timeout=1h; server/'
	reload
	got_from_a() { [ "$(letters '')" = a ]; }
	within 20 got_from_a
	kill -TERM "$pid"
	within 20 gone_or_zombie "$pid"
}

@test "a reload while requests wait: each of them is answered" {
	behind a
	WORKERS=1 with_http "$(the_conf 'server a; pool_max 1; queue 5;')"
	client one
	within 20 arrived a /hold/one
	for key in two three; do client $key; done
	within 20 counts waiting 2
	old=$(crew)
	WORKERS=1 reload
	touch "$folder/"{one,two,three}
	for key in one two three; do client_got $key 200; done
	within 20 gone_or_zombie "$old"
	answers 200 /
	kill -TERM "$pid"
	within 20 gone_or_zombie "$pid"
	not grep -E 'Sanitizer|runtime error' "$log"
}

@test "a worker is killed: requests that wait in another one get its connections" {
	behind a
	conf=$(the_conf 'zone behind 64k; server a max_conns=1; queue 50 timeout=60s;')
	WORKERS=2 with_http "${conf/listen LISTEN/listen LISTEN reuseport}"
	for i in {1..14}; do client $i; done # to both workers: the kernel chooses by the client's port
	within 20 counts waiting 13
	of_workers() { curl -s -m 5 "$url/status" | sed -n "s/.*\"pid\": \([0-9]*\),.*\"upstream_$1\": [1-9].*/\1/p" | sort; }
	dead=$(of_workers busy | head -n 1)
	[ -n "$(of_workers waiting | grep -vx "$dead")" ]
	before=$(grep -c . "$folder/a.log")
	kill -KILL "$dead"
	more() { [ "$(grep -c . "$folder/a.log")" -gt "$before" ]; }
	within 20 more
	for i in {1..14}; do touch "$folder/$i"; done
	within 20 counts waiting 0
	within 20 counts busy 0
	kill -TERM "$pid"
	within 20 gone_or_zombie "$pid"
	not grep -E 'Sanitizer|runtime error' "$log"
}

@test "idle connections do not keep a worker that is asked to leave" {
	behind a
	proxy 'server a;'
	answers 200 /
	within 20 counts idle 1
	stop QUIT
}

@test "what cannot be is an error of the configuration" {
	conf() { echo "http { upstream u { $1 } }"; }
	config_error 'no servers are inside upstream "u"' "$(conf '')"
	config_error 'duplicate upstream "u"' 'http { upstream u { server 127.0.0.1; } upstream u { server 127.0.0.1; } }'
	config_error 'invalid parameter "weight=0"' "$(conf 'server 127.0.0.1 weight=0;')"
	config_error 'invalid parameter "max_fails=x"' "$(conf 'server 127.0.0.1 max_fails=x;')"
	config_error 'invalid parameter "slow_start=1s"' "$(conf 'server 127.0.0.1 slow_start=1s;')"
	config_error 'host not found in upstream "u"' "$(conf 'server no-such-host.invalid;')"
	config_error 'invalid port in upstream "u"' "$(conf 'server 127.0.0.1:99999;')"
	config_error 'does not support "backup"' "$(conf 'ip_hash; server 127.0.0.1; server 127.0.0.2 backup;')"
	config_error 'no server is there that is not a backup' "$(conf 'server 127.0.0.1 backup;')"
	config_error 'invalid parameter "three"' "$(conf 'server 127.0.0.1; random three;')"
	config_error 'invalid parameter "steady"' "$(conf 'server 127.0.0.1; hash $uri steady;')"
	config_error 'unknown "nothing" variable' "$(conf 'server 127.0.0.1; hash $nothing;')"
	config_error 'zone "z" has no size' "$(conf 'server 127.0.0.1; zone z;')"
	config_error 'zone "z" is too small: at least 32k' "$(conf 'server 127.0.0.1; zone z 8k;')"
	config_error 'invalid parameter "timeout=0"' "$(conf 'server 127.0.0.1; queue 3 timeout=0;')"
	config_error '"queue" directive is duplicate' "$(conf 'server 127.0.0.1; queue 3; queue 4;')"
	config_error '"pool_max" directive is duplicate' "$(conf 'server 127.0.0.1; pool_max 3; pool_max 4;')"
}
