# aio threads: only clients whose files come from a slow disk wait for it.
load lib
load slow

make_site() {
	echo small >"$site/small"
	head -c 300000 /dev/urandom >"$site/large"
	cp "$site/large" "$site/other"
	make_slow_disk
}

# begin /PATH   a client asks for it, in the background: $client, its answer in $tmp/late
begin() {
	curl -sS -m 20 -o "$tmp/late" "${@:1:$#-1}" "$url${*: -1}" 3>&- &
	client=$!
}

resident() { # bytes of memory
	awk '/^VmRSS:/ { print $2 * 1024 }' "/proc/$pid/status"
}

has_open() { ls -l "/proc/$pid/fd" | grep -qF " $site/$1"; }

ended() { not kill -0 "$client" 2>/dev/null; }

others_wait() {
	local code=0
	curl -sS -m 1 -o /dev/null "$url/other" || code=$?
	[ "$code" -eq 28 ]
}

comes_whole() { # comes_whole FILE   what was begun
	wait "$client"
	cmp "$site/$1" "$tmp/late"
}

@test "without aio threads a slow disk stops all clients" {
	slow_disk large
	server ''
	begin /large
	within 10 is_reading sendfile
	others_wait
	disk_answers
	comes_whole large
	stop
}

@test "with aio threads a thread waits for the disk, and the others are served" {
	slow_disk large
	server 'aio threads;'
	begin /large
	within 10 is_reading pread
	answers 200 /other
	cmp "$site/other" "$body"
	answers 206 -r 5-9 /other
	not ended
	disk_answers
	comes_whole large
	not grep -q sendfile "$SLOW_LOG" # which would make the loop wait
	stop
}

@test "a small file from a slow disk keeps no other client waiting; without aio threads, all" {
	slow_disk small
	server 'aio threads;'
	begin /small
	within 10 is_reading pread
	answers 200 /other
	not ended
	disk_answers
	comes_whole small
	stop
	slow_disk small
	server ''
	begin /small
	within 10 is_reading pread
	others_wait
	disk_answers
	comes_whole small
	stop
}

@test "a small file that is in memory by the second time is kept like any other" {
	slow_disk small
	server 'aio threads;'
	begin /small
	within 10 is_reading pread
	disk_answers
	comes_whole small
	disk_is_fast
	for _ in 1 2 3; do
		answers 200 /small
		cmp "$site/small" "$body"
	done
	reads=$(count_reads)
	answers 200 /small
	[ "$(count_reads)" = "$reads" ]
	stop
}

@test "what is in memory needs no thread, and comes whole: one, ranges, HEAD, pipelined" {
	server 'aio threads;'
	answers 200 /large
	cmp "$site/large" "$body"
	answers 200 -I /large
	[ "$(header Content-Length)" = 300000 ]
	answers 206 -r 70000-270000 /large
	cmp <(tail -c +70001 "$site/large" | head -c 200001) "$body"
	answers 206 -r 0-9,299990- /large
	[ "$(wc -c <"$body")" -lt 500 ]
	raw 'GET /large HTTP/1.1\r\nHost: x\r\n\r\nGET /small HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
	[ "$(statuses)" = '200 200' ]
	[ "$(tail -n 1 "$answer")" = small ]
	stop
}

@test "limit_rate holds for what a thread has read" {
	server 'aio threads; limit_rate 100k; limit_rate_after 100k;'
	fetch -w '%{http_code} %{time_total}' /large
	cmp "$site/large" "$body"
	[ "${status%% *}" = 200 ]
	awk -v took="${status##* }" 'BEGIN { print took; exit !(took > 0.9 && took < 10) }'
	stop
}

@test "a client who does not read: one piece is in memory, not the file" {
	truncate -s 200000000 "$site/huge"
	server 'aio threads;'
	exec {socket}<>"/dev/tcp/127.0.0.1/$port"
	before=$(resident)
	printf 'GET /huge HTTP/1.1\r\nHost: x\r\n\r\n' >&"$socket"
	read -r -t 10 -u "$socket" line
	[[ $line == 'HTTP/1.1 200 '* ]]
	answers 200 /small
	echo "resident: $before, then $(resident)"
	[ $(($(resident) - before)) -lt 20000000 ]
	exec {socket}>&-
	stop
}

@test "who leaves while a thread reads for him is let go at once; his result is dropped" {
	slow_disk large
	server 'aio threads; open_file_cache off;' # so that nothing but the task holds the file
	exec {socket}<>"/dev/tcp/127.0.0.1/$port"
	printf 'GET /large HTTP/1.1\r\nHost: x\r\n\r\n' >&"$socket"
	within 10 is_reading pread
	within 10 read -r -t 0 -u "$socket" # the head has come: unread, it makes the end a reset
	exec {socket}>&-
	within 10 grep -q 'client left before its answer was whole' "$log"
	answers 200 /other
	not grep -q 'a result is dropped' "$log"
	has_open large # or its number could be another file's by now
	disk_answers
	within 10 grep -q 'a result is dropped: its client has left' "$log"
	not has_open large
	answers 200 /large
	cmp "$site/large" "$body"
	stop
}

@test "a file that ends before it should is an end of the connection, and no wrong bytes" {
	cp "$site/large" "$site/shrinks"
	slow_disk shrinks
	server 'aio threads; open_file_cache off;'
	begin /shrinks
	within 10 is_reading pread
	truncate -s 1000 "$site/shrinks"
	disk_answers
	code=0
	wait "$client" || code=$?
	[ "$code" -eq 18 ]
	grep -q 'a file became shorter while it was sent' "$log"
	stop
}

@test "a full queue: the request waits for its turn, and says so" {
	cp "$site/large" "$site/a"
	slow_disk a
	OUTSIDE='thread_pool one threads=1 max_queue=1;' server 'aio threads=one; open_file_cache off;'
	for n in 1 2 3 4; do
		curl -sS -m 20 -o "$tmp/late$n" "$url/a" 3>&- &
		clients[n]=$!
	done
	within 10 grep -q 'thread pool "one": 1 tasks wait' "$log"
	answers 200 /other
	disk_answers
	for n in 1 2 3 4; do
		wait "${clients[n]}"
		cmp "$site/a" "$tmp/late$n"
	done
	stop
}

@test "a page of several parts, each from a slow disk" {
	for part in a b; do head -c 100000 "$site/large" >"$site/part-$part"; done
	printf '%s' '<!--#include virtual="/part-a" --><!--#include virtual="/part-b" -->end' >"$site/page.html"
	slow_disk part-b
	server 'aio threads; ssi on;'
	begin /page.html
	within 10 is_reading pread
	answers 200 /other
	disk_answers
	wait "$client"
	cat "$site/part-a" "$site/part-b" <(printf end) | cmp - "$tmp/late"
	stop
}

@test "a page of SSI from a slow disk, and one that it includes" {
	echo 'menu' >"$site/menu.html"
	echo 'page, <!--#include virtual="/menu.html" -->' >"$site/index.html"
	for slow in index menu; do
		slow_disk "$slow.html"
		server 'aio threads; ssi on;'
		begin /index.html
		within 10 is_reading pread
		answers 200 /other
		not ended
		disk_answers
		wait "$client"
		[ "$(cat "$tmp/late")" = $'page, menu' ]
		stop
	done
}

@test "gzip_static from a slow disk" {
	gzip -c "$site/small" >"$site/small.gz"
	slow_disk small.gz
	server 'aio threads; gzip_static on;'
	begin --compressed /small
	within 10 is_reading pread
	answers 200 /other
	disk_answers
	comes_whole small
	stop
}

@test "gzip of a large file from a slow disk" {
	echo '#include <zlib.h>' | "${CC:-cc}" -E - >/dev/null 2>&1 || skip 'there is no zlib here'
	BUILT=$OURS/stage7-zlib
	build WITH=zlib
	for i in {1..40000}; do echo "line $i of a text"; done >"$site/text.txt"
	slow_disk text.txt
	server 'aio threads; gzip on; gzip_types text/plain;'
	begin --compressed /text.txt
	within 10 is_reading pread
	answers 200 /other
	not ended
	disk_answers
	comes_whole text.txt
	stop
	slow_disk text.txt
	disk_answers
	OUTSIDE='thread_pool default threads=1 max_queue=1;' server 'aio threads; gzip on; gzip_types text/plain;'
	for n in 1 2 3 4 5 6; do
		curl -sS -m 20 --compressed -o "$tmp/late$n" "$url/text.txt" 3>&- &
		clients[n]=$!
	done
	for n in 1 2 3 4 5 6; do
		wait "${clients[n]}"
		cmp "$site/text.txt" "$tmp/late$n"
	done
	stop
}

@test "directio: what threads read at the same time is each file's own, from any place" {
	for n in 1 2 3 4; do head -c 2000000 /dev/urandom >"$site/direct$n"; done
	OUTSIDE='thread_pool default threads=4;' server 'aio threads; directio 64k;'
	for round in 1 2 3 4 5 6; do
		for n in 1 2 3 4; do
			curl -sS -m 20 -r "$((round * n))-" -o "$tmp/late$n" "$url/direct$n" 3>&- &
			clients[n]=$!
		done
		for n in 1 2 3 4; do
			wait "${clients[n]}"
			tail -c "+$((round * n + 1))" "$site/direct$n" | cmp - "$tmp/late$n"
		done
	done
	not grep -q crit "$log"
	stop
}

@test "what is wrong with a directive is said with its line" {
	config_error 'bad.conf:1: unknown thread pool "x": write "thread_pool x threads=N;"' 'events {} http { aio threads=x; }'
	config_error 'invalid value "quickly"' 'events {} http { aio quickly; }'
	config_error 'thread pool "x" must have the "threads" parameter' 'thread_pool x max_queue=3; events {}'
	config_error 'invalid value "threads=0"' 'thread_pool x threads=0; events {}'
	config_error 'thread pool "x" is defined twice' 'thread_pool x threads=1; thread_pool x threads=2; events {}'
	config_error '"aio" directive is duplicate' 'events {} http { aio on; aio off; }'
	config_good 'events {} http { access_log off; aio threads=x; server { listen 127.0.0.1:0; aio off; location / { aio on; } } } thread_pool x threads=2 max_queue=10; thread_pool default threads=3;'
}
