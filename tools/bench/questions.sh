# shellcheck shell=sh disable=SC2034,SC2154,SC3045
# The questions. Each is a function ask_NAME that starts servers, measures them in turn, and lets
# them end; `about NAME` says what it asks. $stages are those that were asked for, $peers stage 7
# and the servers that people run; $quick is set when there is only a minute.

all_questions='load idle slow workers requests people sizes proxy memory calls instructions roads kept'

about() {
	case $1 in
	load) echo "1 KiB, one request a connection, by 1 to 1,000 clients at once" ;;
	idle) echo "the same, while up to 8,000 others are connected and do nothing" ;;
	slow) echo "how long others wait while one client reads 256 MiB at 1 MiB a second" ;;
	workers) echo "stages 6 and 7 with one worker and with two" ;;
	requests) echo "stage 7 and its peers: keep-alive, 16 at once, one a connection" ;;
	people) echo "with Debian's nginx.conf and site, by 4 to 256 clients at once" ;;
	sizes) echo "stage 7 and its peers: files of 1 KiB, 100 KiB and 10 MiB" ;;
	proxy) echo "stage 7 and its peers before another server, and from a cache" ;;
	memory) echo "stage 7 and its peers: bytes of user memory for an idle client" ;;
	calls) echo "stage 7 and its peers: requests answered for each system call" ;;
	instructions) echo "stage 7 and nginx: instructions for a request of 1 KiB" ;;
	roads) echo "memory and CPU a client, of 1 to 8,000: the roads and the stages" ;;
	kept) echo "a kept request, bare: a loop on epoll beside one on io_uring" ;;
	esac
}

# in_turn SERVERS CASE FILE CONNECTIONS SECONDS [WORDS...]   A B C A B C A B C: whatever else this
# machine does meanwhile, it does to all of them
in_turn() {
	turn_servers=$1 turn_case=$2
	shift 2
	for turn in $(seq "$rounds"); do
		for turn_server in $turn_servers; do
			measure "$turn_server" "$turn_case" "$turn" "$@"
		done
	done
}

one_each='Connection: close'	# as stages 1 to 6 do for all clients

ask_load() {
	unit=connections
	WORKERS=1
	for s in $stages; do up "$s"; done
	for clients in ${full:+1 16} 128 ${full:+1000}; do
		in_turn "$stages" "$clients" 1k "$clients" $((clients < 1000 ? 1 : 2)) -H "$one_each"
	done
	finish
}

# Each has its idle clients for as long as all are measured, so that they are measured in turn.
ask_idle() {
	unit=idle
	WORKERS=1
	chosen=$stages
	# in a minute there is no time for those that are like their neighbours
	[ -z "$quick" ] || chosen=$(echo "$stages" | tr ' ' '\n' | grep -v '^[156]$' | paste -s -d ' ' -)
	for idle in ${quick:+0 4000} ${full:+0 500 1000 4000 8000}; do
		able=''
		for s in $chosen; do
			[ -z "$planning" ] || [ "$s" != 1 ] || [ "$idle" = 0 ] || continue
			up "$s"
			stand "$s" "$idle" || continue
			able="$able $s"
		done
		in_turn "$able" "$idle" 1k 16 1 -H "$one_each"
		all_let_go
		finish
	done
}

# stand SERVER COUNT   so many idle clients, and it still answers; or why not
stand() {
	[ "$2" -gt 0 ] || return 0
	takes $((5 + $2 / 1500)) || return 0
	progress "$(title_of "$1") gets $2 idle clients"
	hold_idle "$1" "$2" -p /1k
	case $held in
	"$2 stand")
		if ! wire get -t 2 "$(port_of "$1")" /1k >/dev/null; then
			cannot "$2" "$1" "answers no client while they are connected"
			return 1
		fi
		held=$(held_now "$1")
		case $held in
		*' 0 closed'*) return 0 ;;
		*) cannot "$2" "$1" "of $2: $held" ;;
		esac ;;
	*) cannot "$2" "$1" "$held" ;;
	esac
	return 1
}

# One of the clients reads a large file at 1 MiB a second; a visitor comes every 5 ms.
ask_slow() {
	WORKERS=1
	share_cores 1
	[ -n "$planning" ] || [ -f "$ROOT/large" ] || truncate -s 268435456 "$ROOT/large"
	for s in $stages; do up "$s"; done
	for case in ${full:+"no slow reader"} "one slow reader"; do
		seconds=${quick:+1}${full:+2}
		[ "$case" = "one slow reader" ] || seconds=1
		for round in $(seq "$rounds"); do
			for s in $stages; do visit "$s" "$case" "$round"; done
		done
	done
	finish
}

visit() {
	takes $((seconds * 10 + 8)) || return 0
	progress "$(title_of "$1"), $2"
	[ "$2" = "no slow reader" ] ||
		hold_idle "$1" 1 -s 'GET /large HTTP/1.0\r\n\r\n' -r 1048576
	taskset -c "$load_cores" pace -t $((seconds + 1)) "$(port_of "$1")" $((seconds * 200)) 5000 /1k >"$scratch/pace" ||
		wrong "$1" 1k "$(cat "$scratch/pace")"
	[ "$2" = "no slow reader" ] || let_go "$1"
	# shellcheck disable=SC2046
	set -- "$@" $(cat "$scratch/pace")
	note "$2" "$1" "$3" due "$4"
	note "$2" "$1" "$3" answered "$5"
	note "$2" "$1" "$3" p50_us "$6"
	note "$2" "$1" "$3" p99_us "$7"
	note "$2" "$1" "$3" longest_us "$8"
	within 10 answers "$1" || die "$(title_of "$1") no longer answers, though its slow reader has left"
}

ask_workers() {
	unit=workers
	able=''
	for s in $stages; do case $s in 6 | 7) able="$able $s" ;; esac; done
	if [ -z "$able" ]; then
		[ -n "$planning" ] || leave_out "workers: only stages 6 and 7 have any"
		return 0
	fi
	[ -z "$planning" ] || [ "$(echo "$cores" | wc -l)" -ge 3 ] ||
		remark "workers: with two cores, the second worker shares its core with the load, so two are no faster here than the load lets them be"
	for s in $able; do
		for WORKERS in 1 2; do up "$s-$WORKERS" "$s"; done
	done
	for round in $(seq "$rounds"); do
		for s in $able; do
			for WORKERS in 1 2; do
				share_cores "$WORKERS"
				measure "$s-$WORKERS" "$WORKERS" "$round" 1k 128 1 -H "$one_each"
			done
		done
	done
	finish
	WORKERS=1
	share_cores 1
	# the server's name is the stage's, whatever we called each of them here
	[ -n "$planning" ] || rename_servers 's/^\([12]\),\([67]\)-[12],/\1,\2,/'
}

ask_requests() {
	unit=''
	WORKERS=1
	chosen=$peers
	[ -z "$quick" ] || chosen=$(echo "$peers" | sed 's/nginx+cache *//')
	# h2o accepts a client when its request is there (TCP_DEFER_ACCEPT) and can't be told otherwise
	DEFERRED=yes
	export DEFERRED
	chosen="$chosen bare-epoll"
	for s in $chosen; do up "$s"; done
	unset DEFERRED
	in_turn "$chosen" keep-alive 1k 16 1
	PIPELINE=16
	export PIPELINE
	in_turn "$chosen" "16 pipelined" 1k 16 1
	unset PIPELINE
	[ -n "$quick" ] || in_turn "$chosen" "new each time" 1k 16 1 -H "$one_each"
	finish
}

# As Debian's nginx.conf and its default site have it (people.sh): a client is accepted when it has
# connected, and open_file_cache is not in it.
ask_people() {
	unit=''
	WORKERS=1 PEOPLE=yes
	export PEOPLE
	chosen=$(echo "$peers" | sed 's/nginx+cache *//')
	for s in $chosen bare-epoll; do up "$s"; done
	unset PEOPLE
	for clients in ${CLIENTS:-${full:+4} 16 ${full:+64 256}}; do
		in_turn "$chosen bare-epoll" "1 KiB by $clients" 1k "$clients" 1
		in_turn "$chosen bare-epoll" "new by $clients" 1k "$clients" 1 -H "$one_each"
		in_turn "$chosen" "100 KiB by $clients" 100k "$clients" 1
		in_turn "$chosen" "10 MiB by $clients" 10m "$clients" 2
	done
	finish
}

ask_sizes() {
	unit=''
	WORKERS=1
	for s in $peers; do up "$s"; done
	for file in ${full:+1k} 100k ${full:+10m}; do
		[ -n "$planning" ] || for s in $peers; do verify "$s" "$file"; done
		case $file in
		1k) size="1 KiB" ;;
		100k) size="100 KiB" ;;
		10m) size="10 MiB" ;;
		esac
		in_turn "$peers" "$size" "$file" 8 1
	done
	finish
}

# Before another server, to which the connections are kept; then from a cache on disk, or haproxy's in
# memory. The server behind is on the load's core.
ask_proxy() {
	unit=''
	WORKERS=1
	chosen=$(echo "$peers" | sed 's/nginx+cache *//')
	! command -v haproxy >/dev/null 2>&1 || [ "$peers" = 7 ] || chosen="$chosen haproxy"
	BESIDE_LOAD=yes
	up behind 7
	BESIDE_LOAD=''
	[ -n "$planning" ] || BEHIND=$(port_of behind)
	BEHIND=${BEHIND:-1}
	export BEHIND
	for s in $chosen; do up "$s"; done
	in_turn "$chosen" "1 KiB" 1k 16 1
	in_turn "$chosen" "100 KiB" 100k 16 1
	# shellcheck disable=SC2086  # words
	down $chosen
	CACHED=yes
	export CACHED
	keepers=$(echo "$chosen" | tr ' ' '\n' | grep -E '^(7|nginx|haproxy)$' | paste -s -d ' ' -)
	for s in $keepers; do up "$s"; done
	in_turn "$keepers" "1 KiB cached" 1k 16 1
	in_turn "$keepers" "100 KiB cached" 100k 16 1
	unset CACHED BEHIND
	finish
}

# Everything counts that the server's processes have to themselves or share as memory: what they
# need with so many clients, less what as many workers need that are told of a few and have none.
ask_memory() {
	unit=''
	slots=$SLOTS
	for clients in 10000 ${full:+50000}; do
		for s in $peers; do
			[ "$s" != nginx+cache ] || continue	# that is about files
			if stopped=$(what_stops "$s" "$clients"); then cannot "$clients" "$s" "$stopped"; else weigh "$s" "$clients"; fi
		done
	done
	SLOTS=$slots DESCRIPTORS=$limit WORKERS=1
	share_cores 1
}

# weigh SERVER CLIENTS   first without them, then with them
weigh() {
	WORKERS=$(workers_for "$@") DESCRIPTORS=$(room_for "$@")
	[ "$WORKERS" = 1 ] || DESCRIPTORS=$limit
	SLOTS=512
	up "$1"
	[ -n "$planning" ] || alone=$(memory_of "$1")
	down "$1"
	# a tenth more than there are: a server that is nearly full closes those who are idle
	SLOTS=$(($2 * 11 / 10 / WORKERS))
	# several workers do not share the clients evenly
	[ "$WORKERS" = 1 ] || SLOTS=$((limit - 100))
	up "$1"
	hold_kept "$1" "$2"
	down "$1"
}

# room_for SERVER CLIENTS   the descriptors that it needs for them
room_for() {
	case $1 in
	lighttpd) echo $(($2 * 2)) ;;	# it accepts no client when half of them are taken
	*) echo $(($2 + 100)) ;;
	esac
}

# workers_for SERVER CLIENTS   as many as have the descriptors together; with some to spare, for
# not each gets the same
workers_for() {
	room=$(room_for "$@")
	if may_have "$room"; then echo 1; else share_of $((room * 21 / 20)) "$limit"; fi
}

# share_of ALL EACH   how many it takes, when each has room for so many
share_of() { echo $((($1 + $2 - 1) / $2)); }

# what_stops SERVER CLIENTS   what there is too little of here, or false
what_stops() {
	processes=$(workers_for "$@")
	tracked=/proc/sys/net/netfilter/nf_conntrack
	case $1 in 7 | nginx | lighttpd) most=8 ;; *) most=1 ;; esac
	if [ "$processes" -gt "$most" ] && [ "$most" = 1 ]; then
		echo "is one process that may have $limit descriptors (ulimit -Hn)"
	elif [ "$processes" -gt "$most" ]; then
		echo "needs $processes processes: one may have $limit descriptors (ulimit -Hn)"
	elif [ -r ${tracked}_max ] && [ $(($(cat ${tracked}_count) + $2)) -gt "$(cat ${tracked}_max)" ]; then
		echo "the firewall follows $(cat ${tracked}_max) connections at most (nf_conntrack_max)"
	# a file at both ends
	elif awk -v n="$2" '{ exit $3 - $1 > 2 * n }' /proc/sys/fs/file-nr; then
		echo "the kernel opens $(cut -f 3 /proc/sys/fs/file-nr) files at most (fs.file-max)"
	# the kernel's for both ends, and the dearest of the servers'
	elif awk -v n="$2" '/^MemAvailable/ { exit $2 > 12 * n }' /proc/meminfo; then
		echo "needs $(($2 * 12 / 1024)) MiB of memory, and there is less"
	else
		return 1
	fi
}

hold_kept() {
	takes $((5 + $2 / 1500)) || return 0
	progress "$(title_of "$1"), $2 idle clients"
	holders=1
	if may_have $(($2 + 100)); then
		HOLD_DESCRIPTORS=$(($2 + 100))
	else
		holders=$(share_of "$2" $((limit - 100)))
	fi
	hold_idle "$1" "$2" -a -n "$holders" -k /1k
	HOLD_DESCRIPTORS=''
	if [ "$held" = "$2 stand" ]; then held=$(held_now "$1"); fi
	case $held in
	"$2 open, 0 closed"*)
		note "$2" "$1" 1 bytes "$(memory_of "$1" | awk -v alone="$alone" -v n="$2" '{ printf "%.0f", ($1 - alone) / n }')"
		note "$2" "$1" 1 workers "$WORKERS" ;;
	*) cannot "$2" "$1" "$held" ;;
	esac
	let_go "$1"
}

# The bytes of memory, not of files, of a server's processes.
memory_of() {
	for process in $(look cpu "$(pid_of "$1")" | cut -d ' ' -f 1); do
		cat "/proc/$process/smaps_rollup"
	done | awk '/^Pss_(Anon|Shmem):/ { kb += $2 } END { printf "%.0f\n", kb * 1024 }'
}

ask_calls() {
	unit=''
	WORKERS=1
	if ! command -v strace >/dev/null 2>&1 || ! strace -o /dev/null true 2>/dev/null; then
		[ -n "$planning" ] || leave_out "calls: strace is missing, or may not look at processes here"
		return 0
	fi
	for s in $peers; do up "$s"; done
	for s in $peers; do
		count_calls "$s" keep-alive
		PIPELINE=16
		export PIPELINE
		count_calls "$s" "16 pipelined"
		unset PIPELINE
	done
	finish
}

# wrk's requests while strace counts; it slows the server down, and counts all the same.
count_calls() {
	takes 22 || return 0
	progress "$(title_of "$1"), $2"
	# shellcheck disable=SC2046
	strace -f -c -U calls,name -o "$scratch/calls" $(look cpu "$(pid_of "$1")" | sed 's/^\([0-9]*\).*/-p \1/') 2>"$scratch/said" &
	tracer=$!
	within 5 grep -q attached "$scratch/said" || die "strace: $(head -n 1 "$scratch/said")"
	run_wrk "$(port_of "$1")" 1k 16 1
	kill -INT "$tracer"
	wait "$tracer" || :
	awk -v s="$1" -v c="$2" '
		FNR == NR && /^RESULT/ { requests = $2 }
		FNR != NR && $1 ~ /^[0-9]+$/ && $2 != "total" { calls += $1 }
		END { if (calls) printf "%s,%s,1,requests_per_call,%.3f\n", c, s, requests / calls }' \
		"$scratch/wrk" "$scratch/calls" >>"$scratch/runs.csv"
}

# The clients connect and do nothing: memory, user's and kernel's. Then they ask, all at once and again
# and again, with a connection for each request: CPU time.
ask_roads() {
	unit=clients
	WORKERS=1
	share_cores 1
	chosen=$stages
	# where all stages are asked, and not a few of them
	case $stages in *1*6*) chosen="$stages $(road_names | paste -s -d ' ' -)" ;; esac
	case $chosen in
	*uring*)
		code=0
		timeout -k 5 1 "$(tools/stage build uring)" 0 / >/dev/null 2>&1 || code=$?
		[ "$code" = 124 ] || chosen=$(echo "$chosen" | sed 's/ uring//')	# it is refused here
		;;
	esac
	for clients in ${full:+1} 100 ${full:+1000 8000}; do
		for s in $chosen; do visit_road "$s" "$clients"; done
	done
}

visit_road() {
	up "$1"
	[ -n "$planning" ] || alone=$(whole_memory_of "$1")
	case $1 in
	1) ;;	# a client that does nothing stops it
	*)
		if stand "$1" "$2"; then
			[ -n "$planning" ] || note "$2" "$1" 1 bytes "$(echo "$alone $(whole_memory_of "$1") $2" | awk '{ printf "%.0f", ($2 - $1) / $3 }')"
			let_go "$1"
		else
			[ -n "$planning" ] || { let_go "$1"; down "$1"; }
			[ -n "$planning" ] || return 0
		fi ;;
	esac
	for round in $(seq "$rounds"); do
		measure "$1" "$2" "$round" 1k "$2" $(($2 < 1000 ? 1 : 2)) -H "$one_each"
	done
	down "$1"
}

# What the processes have to themselves, and what the kernel keeps for them: page tables, and 16 KiB of
# kernel stack for each process or thread (as x86 and arm have it). Sockets are left out: each
# server has the same.
whole_memory_of() {
	look cpu "$(pid_of "$1")" | cut -d ' ' -f 1 >"$scratch/processes"
	{
		sed 's|.*|/proc/&/smaps_rollup|' "$scratch/processes" | xargs cat 2>/dev/null
		sed 's|.*|/proc/&/status|' "$scratch/processes" | xargs cat 2>/dev/null
	} | awk '/^Pss_(Anon|Shmem):/ || /^VmPTE:/ { kb += $2 } /^Threads:/ { kb += 16 * $2 } END { printf "%.0f\n", kb * 1024 }'
}

ask_kept() {
	unit=clients
	WORKERS=1
	chosen='bare-epoll bare-uring'
	code=124
	[ -n "$planning" ] || { helper bare-uring; code=0; timeout -k 5 1 build/tools/bare-uring 0 "$ROOT" >/dev/null 2>"$scratch/said" || code=$?; }
	if [ "$code" != 124 ]; then
		leave_out "kept: $(head -n 1 "$scratch/said")"
		chosen=bare-epoll
	fi
	for s in $chosen; do up "$s"; done
	for clients in ${full:+1} 16 ${full:+128 1000}; do
		in_turn "$chosen" "$clients" 1k "$clients" 1
	done
	finish
}

# Noise can't move these: valgrind counts what the server's own code does, and that of its libraries.
# What starting and stopping cost is in both of two runs, and falls out.
ask_instructions() {
	unit=''
	WORKERS=1
	if ! command -v valgrind >/dev/null 2>&1; then
		[ -n "$planning" ] || leave_out "instructions: valgrind is missing"
		return 0
	fi
	for s in $peers; do
		case $s in 7 | nginx*) ;; *) continue ;; esac
		count_instructions "$s" lean
		PEOPLE=yes
		export PEOPLE
		[ "$s" = nginx+cache ] || count_instructions "$s" people
		unset PEOPLE
	done
}

# count_instructions SERVER CASE
count_instructions() {
	takes 120 || return 0
	progress "$(title_of "$1"), $2"
	spend_instructions "$1" 1
	few="$requests $instructions"
	spend_instructions "$1" 3
	note "$2" "$1" 1 instructions "$(echo "$few $requests $instructions" |
		awk '{ printf "%.0f", ($4 - $2) / ($3 - $1) }')"
}

# spend_instructions SERVER SECONDS   how many requests, for how many $instructions
spend_instructions() {
	UNDER="valgrind --tool=callgrind --callgrind-out-file=$scratch/instructions.%p"
	export UNDER
	rm -f "$scratch"/instructions.*
	up "$1"
	unset UNDER
	run_wrk "$(port_of "$1")" 1k 1 "$2"
	down "$1"
	requests=$(awk '/^RESULT/ { print $2 }' "$scratch/wrk")
	instructions=$(cat "$scratch"/instructions.* | awk '/^totals:/ { sum += $2 } END { printf "%.0f", sum }')
}
