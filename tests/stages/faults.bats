# Calls that fail, of those that make connections and wait; and a signal before every call.
# long: it begins early
load lib
load faults

@test "accept fails: the client is still in line, and is served" {
	STAGES=$(only 1 2 3 4 5 6 fork thread handoff)
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
	STAGES=$(only 4 5 6 handoff) each_stage fails epoll_ctl ENOSPC
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
	STAGES=$(only 2 3 4 5 6 uring) each_stage fails wait EINTR
}

# The signal comes just before the call, when it is too late for a look at `stopping`: a call that
# waits would wait for ever. (Stage 6's workers are stage 5, and would be started again.)
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
# And no client comes whose request would wake it.
ends_alone() {
	once "$1" 1 TERM
	ended
	[ -e "$tmp/mark" ]
}
@test "SIGTERM just before a call that waits" {
	STAGES=$(only 1 fork thread) each_stage ends_alone accept
	STAGES=$(only 2 3 4 5 uring) each_stage ends_alone wait
}
@test "SIGTERM just before any other call" {
	STAGES=$(only 1 2 3 4 5)
	each_stage ends_before read
	each_stage ends_before sendfile
	each_stage ends_before malloc
}
