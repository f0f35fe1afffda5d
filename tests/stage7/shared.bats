#!/usr/bin/env bats
# What workers share: limits, the counters of all, and the locks of one that is killed.
load lib

make_site() {
	echo page >"$site/page"
	truncate -s 64M "$site/long"
}

# master 'in http {}' 'in server {}'   two workers with a socket each; $pid is the master's
master() {
	cat >"$tmp/server.conf" <<-END
		daemon off; worker_processes 2; pid server.pid; error_log stderr info;
		${OUTSIDE:-}
		events { worker_connections 64; }
		http {
			access_log off; $1
			server {
				listen 127.0.0.1:0 reuseport; root $site;
				location / { $2 }
				location = /status { status; }
				location = /stub { stub_status; }
				location = /worker { return 200 \$pid; }
			}
		}
	END
	start_with
	within 20 is 'len(s["workers"])' 2
}

gone_or_zombie() { ! [ -d "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"; }
reload() {
	local before
	before=$(pgrep -P "$pid" | sort)
	kill -HUP "$pid"
	is_new() { [ -n "$(comm -13 <(echo "$before") <(pgrep -P "$pid" | sort))" ] && grep -q 'reloaded$' "$log"; }
	within 20 is_new
}

# is 'PYTHON' VALUE   of the status s
is() {
	curl -s -m 5 -o "$tmp/status" "$url/status" && [ "$(python3 -c 'import json, sys
s = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$tmp/status" "$1")" = "$2" ]
}

# ask FD PATH   on a connection that stays: $code and $text
ask() {
	local line length=0
	code=none text=
	printf 'GET %s HTTP/1.1\r\nHost: x\r\n\r\n' "$2" >&"$1" || return 1
	read -r -t 20 -u "$1" _ code line || return 1
	while read -r -t 20 -u "$1" line && [ "$line" != $'\r' ]; do
		line=${line%$'\r'}
		[[ $line != Content-Length:* ]] || length=${line#*: }
	done
	read -r -t 20 -u "$1" -N "$length" text
	echo "$2: $code"
} 2>/dev/null
asks() { # asks STATUS FD PATH
	ask "$2" "$3" && [ "$code" = "$1" ]
}

# hold FD PATH   ask, and leave the answer where it is, once it has begun
hold() {
	printf 'GET %s HTTP/1.1\r\nHost: x\r\n\r\n' "$2" >&"$1"
	within 10 read -r -t 0 -u "$1"
}

# connections $a and $b to two workers, $worker_a and $worker_b
reach_both() {
	exec {a}<>"/dev/tcp/127.0.0.1/$port"
	ask "$a" /worker
	worker_a=$text
	for _ in $(seq 60); do
		exec {b}<>"/dev/tcp/127.0.0.1/$port"
		ask "$b" /worker
		worker_b=$text
		[ "$worker_a" = "$worker_b" ] || return 0
		exec {b}>&-
	done
	echo "all connections came to $worker_a"
	return 1
}

@test "limit_req: two workers count as one" {
	master 'limit_req_zone $arg_key zone=keys:32k rate=1r/m;' 'limit_req zone=keys;'
	reach_both
	asks 200 "$a" '/page?key=x'
	asks 503 "$b" '/page?key=x'
	asks 200 "$b" '/page?key=y'
	asks 503 "$a" '/page?key=y'
	is 's["zones"][0]["records"]' 2
	is 's["zones"][0]["name"], s["zones"][0]["size"]' "('keys', 32768)"
	stop
}

@test "limit_conn: two workers count as one, and a killed one's places are free" {
	master 'limit_conn_zone $arg_key zone=keys:32k;' 'limit_conn keys 1;'
	reach_both
	hold "$a" '/long?key=x'
	asks 503 "$b" '/page?key=x'
	asks 200 "$b" '/page?key=y'
	kill -KILL "$worker_a"
	within 10 asks 200 "$b" '/page?key=x'
	asks 200 "$b" '/page?key=x'
	is 's["zones"][0]["records"]' 0
	stop
}

@test "a reload keeps what was counted; another size or another key starts again" {
	master 'limit_req_zone $arg_key zone=keys:32k rate=1r/m;' 'limit_req zone=keys;'
	answers 200 '/page?key=x'
	answers 503 '/page?key=x'
	reload
	within 10 is '[w["leaving"] for w in s["workers"]]' '[False, False]'
	answers 503 '/page?key=x'
	sed -i 's/keys:32k/keys:64k/' "$tmp/server.conf"
	kill -HUP "$pid"
	within 10 answers 200 '/page?key=x'
	within 10 is 's["zones"][0]["size"], [w["leaving"] for w in s["workers"]]' '(65536, [False, False])'
	answers 503 '/page?key=x'
	sed -i 's/zone \$arg_key/zone $arg_key$arg_other/' "$tmp/server.conf"
	kill -HUP "$pid"
	within 10 answers 200 '/page?key=x'
	stop
}

@test "limit_conn: old and new workers count as one, until an old one is killed" {
	master 'limit_conn_zone $arg_key zone=keys:32k;' 'limit_conn keys 1;'
	reach_both
	hold "$a" '/long?key=x'
	asks 503 "$b" '/page?key=x'
	reload
	within 10 is 'sorted(w["leaving"] for w in s["workers"])' '[False, False, True]'
	answers 503 '/page?key=x'
	kill -KILL "$worker_a"
	within 10 answers 200 '/page?key=x'
	# its connection is counted no more, though no other has taken its place
	within 10 is 'len(s["workers"]), s["connections"]["writing"], s["connections"]["waiting"]' '(2, 1, 0)'
	stop
}

@test "a faulty configuration leaves the zones as they are" {
	master 'limit_req_zone $arg_key zone=keys:32k rate=1r/m;' 'limit_req zone=keys;'
	answers 200 '/page?key=x'
	sed -i 's/access_log off;/access_log of f f;/' "$tmp/server.conf"
	kill -HUP "$pid"
	within 10 grep -q 'the old configuration stays' "$log"
	answers 503 '/page?key=x'
	kill -KILL "$(pgrep -P "$pid" | head -n 1)"
	within 10 is 'len(s["workers"])' 2
	answers 503 '/page?key=x'
	stop
}

@test "status and stub_status are of all workers, and a killed one leaves its totals alone" {
	master '' ''
	reach_both
	asks 200 "$a" /page
	asks 200 "$b" /page
	for i in 1 2 3; do exec {idle}<>"/dev/tcp/127.0.0.1/$port"; done
	within 10 is 'sum(s["connections"][n] for n in ("reading", "writing", "waiting"))' 6
	within 10 is 'sum(w[n] for w in s["workers"] for n in ("reading", "writing", "waiting"))' 6
	is '[w["pid"] for w in s["workers"] if w["pid"] in ('"$worker_a, $worker_b"')] == [w["pid"] for w in s["workers"]]' True
	local before
	before=$(totals)
	kill -KILL "$worker_a"
	within 10 is 'len(s["workers"]), '"$worker_a"' in [w["pid"] for w in s["workers"]]' '(2, False)'
	asks 200 "$b" /stub
	echo "before: $before, now: $(totals) $text"
	[ "$(totals)" -gt "$before" ]
	within 10 is 's["connections"]["accepted"] == s["connections"]["handled"] + s["connections"]["refused"]' True
	# what is left: b, the one that asks, and those of the three that were not at a
	is 's["connections"]["waiting"] + s["connections"]["writing"] == sum(w["waiting"] + w["writing"] for w in s["workers"]) < 6' True
	stop
}
totals() { curl -s "$url/stub" | sed -n 's/^ \([0-9]*\) [0-9]* [0-9]* $/\1/p'; }

@test "newcomers without a slot are counted as such, by all workers and for the dead" {
	master '' ''
	reach_both
	for i in $(seq 200); do
		exec {more}<>"/dev/tcp/127.0.0.1/$port"
		(hold "$more" /long) 2>/dev/null || true
	done
	kill -KILL "$worker_a"
	consistent() {
		answers 200 /stub || return 1
		read -r accepts handled _ <<<"$(sed -n 3p "$body")"
		echo "$accepts accepts, $handled handled"
		[ "$accepts" -gt 100 ] && [ "$handled" -lt "$accepts" ]
	}
	within 10 consistent
	within 10 is 's["connections"]["accepted"] == s["connections"]["handled"] + s["connections"]["refused"]' True
	stop
}

@test "workers are killed under load: no place stays taken, no count gets lost" {
	command -v wrk >/dev/null || skip "needs wrk"
	master 'limit_conn_zone $arg_key zone=keys:32k; limit_conn_log_level info;' 'limit_conn keys 3;'
	wrk -t1 -c12 -d5 "$url/page?key=x" >"$tmp/wrk" 3>&- &
	local load=$!
	for i in 1 2 3 4; do
		exec {a}<>"/dev/tcp/127.0.0.1/$port"
		ask "$a" /worker
		hold "$a" '/long?key=x'
		kill -KILL "$text"
		within 20 is 'len(s["workers"])' 2
	done
	wait "$load"
	cat "$tmp/wrk"
	within 10 is 's["connections"]["writing"], s["connections"]["waiting"]' '(1, 0)'
	answers 200 '/page?key=x' # the next request clears up
	within 10 is 's["zones"][0]["records"]' 0
	within 10 is 's["connections"]["accepted"] == s["connections"]["handled"] + s["connections"]["refused"]' True
	stop
}

# A worker that asks the kernel to kill it when it clears a record of this many bytes: the zone
# is locked then, and half changed.
killing() { # killing KIND
	cat >"$tmp/kill.c" <<-'END'
		#include <signal.h>
		#include <stddef.h>
		void *memset(void *to, int byte, size_t n)
		{
			for (size_t i = 0; i < n; i++)
				((volatile char *)to)[i] = (char)byte;
			if (n == 48 + 1100)
				raise(SIGKILL);
			return to;
		}
	END
	cc -shared -fPIC -o "$tmp/kill.so" "$tmp/kill.c"
	BUILT=$OURS/stage7 SANITIZE='' build # an allocator's own memset is the sanitizers'
	BUILT=$OURS/stage7 OUTSIDE="shared_mutex $1; lock_file $tmp/lock;" LD_PRELOAD=$tmp/kill.so \
		master 'limit_req_zone $arg_key zone=keys:32k rate=1r/m;' 'limit_req zone=keys;'
	reach_both
	asks 200 "$b" '/page?key=before'
	local key
	key=$(printf 'x%.0s' $(seq 1100))
	hold "$a" "/page?key=$key"
	within 10 gone_or_zombie "$worker_a"
	within 10 asks 200 "$b" '/page?key=after'
	asks 503 "$b" '/page?key=after'
	grep -q "zone \"keys\": process $worker_a has died while changing it" "$log"
	asks 200 "$b" '/page?key=before' # it was thrown away with the rest
	[ ! -e "$tmp/lock" ]
	stop
}

@test "a worker is killed while it holds a zone's lock: semaphore" {
	killing semaphore
	grep -q "zone \"keys\" was locked by $worker_a" "$log"
}

@test "a worker is killed while it holds a zone's lock: atomic" {
	killing atomic
	grep -q "zone \"keys\" was locked by $worker_a" "$log"
}

@test "a worker is killed while it holds a zone's lock: file" { killing file; }

@test "shared_mutex: what is wrong in the configuration" {
	config_error 'invalid value "spin"' 'shared_mutex spin; events {}'
	config_error 'duplicate' 'shared_mutex file; shared_mutex file; events {}'
	config_good "shared_mutex file; lock_file /nowhere/at/all; events {}"
	printf '%s\n' "error_log stderr; daemon off; shared_mutex file; lock_file /nowhere/at/all; events {}" >"$tmp/bad.conf"
	run "$BUILT/server" -p "$tmp" -c bad.conf
	[ "$status" -eq 1 ]
	[[ $output == *'open("/nowhere/at/all"): No such file or directory (2)'* ]]
}
