# Calls that fail: the first one, the second one, ... Every error is that of one connection, and the
# server lives on: it loses no descriptor, ends when it is told to, and does not spin.
load lib

setup_file() {
	export BATS_TEST_DIRNAME
	setup_files
	tool faults.so
	head -c 600000 "$site/big" >"$site/middle"
}

wanted=('200 0' '200 0' '301 0' '200 0' '404 0')

# How many of five requests get their whole answer (0: curl has nothing to say against it).
count_answers() {
	local url=http://127.0.0.1:$port out=(-o /dev/null) n
	mapfile -t got < <(curl -s -m 10 -w '%{http_code} %{exitcode}\n' "${out[@]}" "$url/plain.txt" \
		"${out[@]}" "$url/middle" "${out[@]}" "$url/docs" "${out[@]}" "$url/docs/" "${out[@]}" "$url/no")
	answered=0
	for n in "${!wanted[@]}"; do
		[ "${got[n]:-}" != "${wanted[n]}" ] || answered=$((answered + 1))
	done
}

count_descriptors() {
	ls "/proc/${served_by:-$pid}/fd" | wc -l
}

settled() {
	[ "$(count_descriptors)" = "$before" ]
}

# once CALL K WHAT   true: it happened
once() {
	rm -f "$tmp/mark"
	wrap=(env "LD_PRELOAD=$OURS/faults.so" "FAULT=$1 $2 $3" "FAULT_MARK=$tmp/mark")
	echo "FAULT='$1 $2 $3'"
	serve "$site" 1
}

# fails CALL WHAT ...   the first of CALL, the second, ... and so on while there are more
fails() {
	local call=$1 k
	for what in "${@:2}"; do
		for ((k = 1; k <= 6; k++)); do
			once "$call" "$k" "$what"
			[[ $stage != 06-* ]] || served_by=$(workers)
			before=$(count_descriptors)
			count_answers
			echo "answered: $answered of 5 (${got[*]})"
			[ "$answered" -ge 4 ]
			within 10 settled
			stop
			[ "$(wc -l <"$log")" -le 2 ]
			[ -e "$tmp/mark" ] || break
			[ "$what" != short ] || [ "$answered" = 5 ]
		done
		[ "$k" -gt 1 ] # or nothing was proven
	done
}

@test "read fails, or gives one byte" {
	each_stage fails read ECONNRESET EIO short
}

@test "send fails, or takes one byte" {
	each_stage fails send EPIPE short
}

@test "sendfile fails, or takes one byte" {
	each_stage fails sendfile EIO short
}

@test "openat, fstat, readlink fail" {
	each_stage fails openat EMFILE
	each_stage fails fstat EIO
	each_stage fails readlink ENOMEM
}

@test "accept fails: the client is still in line, and is served" {
	for what in ECONNABORTED EMFILE; do
		for k in 1 3; do
			each_stage accept_fails "$k" "$what"
		done
	done
}
accept_fails() {
	once accept "$1" "$2"
	count_answers
	[ "$answered" = 5 ]
	[ -e "$tmp/mark" ]
	stop
}

@test "no memory for a connection" {
	each_stage fails malloc ENOMEM
	STAGES=$(only 4 5 6) each_stage fails epoll_ctl ENOSPC
}

# poll's list of connections grows at the first client but 63.
@test "stage 3: no memory for a longer list of connections" {
	need_sock
	STAGES=$(only 3) each_stage no_longer_list
}
no_longer_list() {
	for k in 1 2; do
		once realloc "$k" ENOMEM
		play <<<"$(
			# the list has room for 64, and the listener is in it
			for n in {1..63}; do printf 'connect C%d $1\nsend C%d "GET"\nwait C%d read\n' "$n" "$n" "$n"; done
			printf 'connect X $1\nexpect X closed\n' # no room for this one
			printf 'connect Y $1\nsend Y "GET / HTTP/1.0\\r\\n\\r\\n"\nexpect Y "HTTP/1.0 200 "\n'
			for n in {1..63}; do printf 'send C%d " / HTTP/1.0\\r\\n\\r\\n"\nexpect C%d "HTTP/1.0 200 "\n' "$n" "$n"; done
		)"
		[ -e "$tmp/mark" ]
		stop
	done
}

@test "the call that waits is interrupted" {
	STAGES=$(only 2 3 4 5 6) each_stage fails wait EINTR
}

# The signal comes just before the call, when it is too late for a look at `stopping`: a call that
# waits would wait for ever. (Stage 6's workers are stage 5, and would be born again.)
ends_before() { # ends_before CALL
	local k
	for ((k = 1; k <= 4; k++)); do
		once "$1" "$k" TERM
		count_answers
		[ -e "$tmp/mark" ] || break
		ended
	done
	[ "$k" -gt 1 ]
	[ -z "$pid" ] || stop
}
@test "SIGTERM just before a call that waits" {
	STAGES=$(only 1) each_stage ends_before accept
	STAGES=$(only 2 3 4 5) each_stage ends_before wait
}
@test "SIGTERM just before any other call" {
	STAGES=$(only 1 2 3 4 5)
	each_stage ends_before read
	each_stage ends_before sendfile
	each_stage ends_before malloc
}
