# alone: it counts how often the workers are woken, and other work would make them miss a nap
# The thundering herd of stage 6: how many of eight workers one new client wakes.
load lib
STAGES=$(only 6)

naps() { # how often the workers have gone to sleep, all together
	for worker in $(workers); do
		awk '/^voluntary_ctxt_switches/ { print $2 }' "/proc/$worker/status"
	done | awk '{ sum += $1 } END { print sum }'
}

# The clients come one at a time, when all is quiet, and say nothing before they go. So a worker
# that was woken without need finds nothing and sleeps again: one nap more.
naps_of_50_clients() {
	local before
	before=$(naps)
	play <<<"$(
		for n in {1..50}; do
			printf 'connect C%d $1\npause 0.01\nclose C%d\npause 0.01\n' "$n" "$n"
		done
	)"
	echo $(($(naps) - before))
}

@test "EPOLLEXCLUSIVE wakes one worker for a new client; without it, all wake" {
	need_sock
	stage=$STAGES
	serve "$site" 8
	one=$(naps_of_50_clients)
	stop

	# the same stage without the flag
	cp -r "$TOP/stages/$stage" "$tmp/herd"
	sed -i 's/ | EPOLLEXCLUSIVE//' "$tmp/herd"/*.c
	not grep -q 'EPOLLIN | EPOLLEXCLUSIVE' "$tmp/herd/server.c"
	make -s -C "$tmp/herd" BUILD="$OURS/$stage-herd"
	variant=herd
	serve "$site" 8
	all=$(naps_of_50_clients)
	stop

	# for a client: its coming and its going
	echo "naps for 50 clients: $one with EPOLLEXCLUSIVE, $all without"
	[ "$one" -ge 80 ]
	[ "$one" -lt 200 ]
	[ "$all" -gt 300 ]
}
