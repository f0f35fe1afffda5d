# Stage 6, and its road handoff (by a link to this file): a master and its workers.
load lib
case $BATS_TEST_FILENAME in
*-handoff.bats) STAGES=$(only handoff) ;;
*) STAGES=$(only 6) ;;
esac

count_workers() {
	[ "$(workers | wc -l)" = "$1" ]
}

# start N   with N workers, all of them waiting
start() {
	stage=$STAGES
	[ -n "$stage" ] || skip 'it is not among $STAGES'
	serve "${2:-$site}" "$1"
	within 10 count_workers "$1"
}

all_new() { # as many workers as before, and none of the old ones
	count_workers "$(wc -w <<<"$*")" || return 1
	for old; do
		if workers | grep -qx "$old"; then return 1; fi
	done
}

@test "WORKERS says how many" {
	for n in 1 2 7; do
		start "$n"
		gets / "$site/index.html"
		stop
	done
}

@test "without WORKERS: one for each core we may use" {
	start "$(nproc)" # count them
	stop
	serve
	count_workers "$(nproc)"
	stop
	wrap=(taskset -c "$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')")
	serve
	count_workers 1
	stop
}

@test "ps shows who is who" {
	start 3
	[ "$(ps -o args= -p "$pid")" = 'server: master' ]
	[ "$(ps -o args= --ppid "$pid" | sort)" = "$(printf 'server: worker %d\n' 0 1 2)" ]
	stop
	# from a command line so short that the titles need the room of the environment
	cd "$OURS/$stage"
	env -i ./server 0 . 1 >"$tmp/out2" 2>&1 3>&- 4>&- &
	pid=$!
	within 10 grep -q listening "$tmp/out2"
	within 10 count_workers 1
	within 10 title_is 'server: m*' "$pid"
	kill "$pid"
	wait "$pid"
	pid=
}

title_is() {
	# shellcheck disable=SC2053 # a pattern
	[[ $(ps -o args= -p "$2") == $1 ]]
}

@test "a worker that crashes is replaced, and only its own clients notice" {
	start 2
	for signal in KILL SEGV; do
		# shellcheck disable=SC2207 # numbers
		old=($(workers))
		for worker in "${old[@]}"; do
			kill -s "$signal" "$worker"
			within 10 not alive "$worker"
			gets / "$site/index.html"
		done
		within 20 all_new "${old[@]}"
		within 20 workers_wait
		gets / "$site/index.html"
	done
	grep -q 'has died: Killed' "$log"
	grep -q 'has died: Segmentation fault' "$log"
	stop
}

@test "a download goes on in one worker while the other one crashes" {
	need_sock
	start 2
	talk
	say 'connect A $1 rcvbuf=16384' 'send A "GET /big HTTP/1.0\r\n\r\n"' 'read A 100000' 'print there'
	within 20 grep -aq there "$tmp/heard"
	for worker in $(workers); do
		[ -n "$(find "/proc/$worker/fd" -lname "$site/big")" ] || other=$worker
	done
	kill -KILL "$other"
	within 20 not alive "$other"
	say 'read A all'
	hush
	[ "$(sed 's/^there$//' "$tmp/heard" | wc -c)" -gt 4800000 ]
	stop
}

# It dies each time it begins: replaced after 1 second, 2, 4, and so on.
@test "a worker that ends as soon as it is started is delayed, longer each time" {
	tool faults.so
	wrap=(strace -f -qq -e trace=clone,fork,vfork,clone3 -o "$tmp/births"
		env "LD_PRELOAD=$OURS/faults.so" FAULT='epoll_create1 1 EMFILE')
	stage=$STAGES
	setsid "${wrap[@]}" "$OURS/$stage/server" 0 "$site" 1 >"$tmp/out3" 2>"$tmp/err3" 3>&- 4>&- &
	pid=$!
	within 10 grep -q listening "$tmp/out3"
	sleep 4.5 # births at 0, 1, 3 and 7 seconds: what is measured is that there are no more
	born=$(grep -c clone "$tmp/births")
	echo "$born births in 4.5 seconds"
	[ "$born" -ge 2 ]
	[ "$born" -le 4 ]
	kill "$(pgrep -P "$pid")"
	ended
}

@test "workers end when the master is killed" {
	start 3
	kill -KILL "$pid"
	within 10 nobody_left
	pid=
}

@test "SIGTERM is fast, whatever is going on" {
	need_sock
	for signal in TERM INT; do
		start 2
		talk
		say 'connect A $1 rcvbuf=4096' 'send A "GET /big HTTP/1.0\r\n\r\n"' 'find A "\r\n\r\n"' \
			'connect B $1' 'send B "GET"' 'connect C $1' 'print there'
		within 20 grep -q there "$tmp/heard"
		began=$(date +%s%N)
		stop "$signal"
		took=$((($(date +%s%N) - began) / 1000000))
		echo "$took ms"
		[ "$took" -lt 2000 ]
		say 'expect B closed' 'expect C closed'
		hush
	done
}

@test "SIGQUIT: a download in flight is finished, silent clients are let go, no new client gets in" {
	need_sock
	start 2
	talk
	say 'connect A $1 rcvbuf=16384' 'send A "GET /big HTTP/1.0\r\n\r\n"' 'find A "\r\n\r\n"' \
		'connect B $1' 'connect C $1' 'send C "GET /"' 'wait C read' 'print' 'print there'
	within 20 grep -aqx there "$tmp/heard"
	kill -QUIT "$pid"
	say 'expect B closed' 'expect C closed' 'print gone'
	within 20 grep -aqx gone "$tmp/heard"
	alive "$pid" # the download holds it
	within 5 refused
	within 5 count_workers 1
	say 'read A all'
	hush
	ended
	sed '1,/^\r$/d; /^there$/d; /^gone$/d; /^$/d' "$tmp/heard" | cmp - "$site/big"
}

refused() { # new clients
	not bash -c "exec 5<>/dev/tcp/127.0.0.1/$port" 2>/dev/null
}

@test "SIGQUIT without clients ends at once; SIGTERM ends a graceful end" {
	need_sock
	start 2
	stop QUIT
	start 2
	talk
	say 'connect A $1 rcvbuf=4096' 'send A "GET /big HTTP/1.0\r\n\r\n"' 'find A "\r\n\r\n"' 'print there'
	within 20 grep -q there "$tmp/heard"
	kill -QUIT "$pid"
	within 10 count_workers 1
	stop TERM
	hush
}

@test "SIGQUIT to one worker: it is replaced, its download is finished" {
	need_sock
	start 1
	talk
	say 'connect A $1 rcvbuf=16384' 'send A "GET /big HTTP/1.0\r\n\r\n"' 'find A "\r\n\r\n"' 'print there'
	within 20 grep -aq there "$tmp/heard"
	old=$(workers)
	kill -QUIT "$old"
	say 'read A all'
	hush
	within 10 not alive "$old"
	within 10 count_workers 1
	gets / "$site/index.html"
	stop
}

# Clients whose connection is complete when SIGQUIT comes have not been accepted yet.
@test "SIGQUIT: who was in line already is served" {
	need_sock
	start 1
	worker=$(workers)
	kill -STOP "$worker"
	talk
	say 'connect A $1' 'send A "GET /plain.txt HTTP/1.0\r\n\r\n"' 'print there'
	within 20 grep -q there "$tmp/heard"
	kill -QUIT "$pid"
	within 10 quit_pending "$worker"
	kill -CONT "$worker"
	say 'expect A "HTTP/1.0 200 "'
	hush
	ended
}

quit_pending() { # bit 2 of the set
	(((0x$(awk '/^ShdPnd/ { print $2 }' "/proc/$1/status") & 4) != 0))
}

@test "SIGCHLD ignored by the parent process: the end of a worker is noticed all the same" {
	wrap=(env --ignore-signal=CHLD)
	start 2
	# shellcheck disable=SC2207
	old=($(workers))
	kill -KILL "${old[@]}"
	within 10 all_new "${old[@]}"
	stop
}

@test "workers killed again and again: no zombie stays, no descriptor is lost" {
	start 8
	before=$(find "/proc/$pid/fd" -mindepth 1 | wc -l)
	for _ in 1 2; do
		# shellcheck disable=SC2207
		old=($(workers))
		kill -KILL "${old[@]}"
		within 20 all_new "${old[@]}"
	done
	[ "$(find "/proc/$pid/fd" -mindepth 1 | wc -l)" = "$before" ]
	not grep -q Z <(ps -o stat= -s "$pid")
	gets / "$site/index.html"
	stop
}
