# shellcheck shell=sh disable=SC2034,SC2154,SC3045
# How the bench starts servers, checks and loads them, and writes down what it saw. Sourced by
# bench, from the top folder, with $scratch, $ROOT, and the words of its command line.
#
# Everything is said twice: first with $planning set, when nothing runs and only the time is
# added up that it will take, then in earnest. So the progress line knows what is still to come.

planning='' planned=0 spent=0 label='' question=''

# ---- cores ----

# The cores we may use, one a line: "0,2-3" -> 0 2 3
allowed_cores() {
	taskset -cp $$ | sed 's/.*: //' | tr ',' '\n' |
		awk -F - '{ for (c = $1; c <= (NF > 1 ? $2 : $1); c++) print c }'
}

# share_cores WORKERS   one core for each, and the rest for the load; both lists for taskset -c
share_cores() {
	server_cores=$(echo "$cores" | head -n "$1" | paste -s -d , -)
	load_cores=$(echo "$cores" | tail -n "+$(($1 + 1))" | head -n 4 | paste -s -d , -)
	[ -n "$load_cores" ] || load_cores=$(echo "$cores" | tail -n 1)
	threads=$(echo "$load_cores" | tr ',' '\n' | wc -l)
}

# ---- progress ----

clock() { date +%s; }

# takes TENTHS   what comes next takes so many tenths of a second; false while we only plan
takes() {
	if [ -n "$planning" ]; then
		planned=$((planned + $1))
		return 1
	fi
	spent=$((spent + $1))
}

progress() {
	label=$1
	[ -z "$planning" ] && [ -t 2 ] || return 0
	elapsed=$(($(clock) - began))
	# our estimate, stretched or shrunk by how it has done so far
	left_s=$(echo "$elapsed $spent $planned" | awk '{
		to_come = ($3 - $2) / 10; pace = ($2 > 100 ? $1 * 10 / $2 : 1)
		printf "%d", (to_come > 0 ? to_come * pace : 0) }')
	printf '\r  %3d%%  %-44.44s %d:%02d left\033[K' $((planned ? spent * 100 / planned : 0)) \
		"$question: $label" $((left_s / 60)) $((left_s % 60)) >&2
}

progress_end() { [ ! -t 2 ] || printf '\r\033[K' >&2; }

# ---- servers ----

# How a server is called in tables: "3 poll", "nginx"; "6-2" is stage 6 with two workers.
title_of() {
	case $1 in
	bare-*) echo "bare ${1#bare-}" ;;
	[0-9]*) basename "$(stage_folder "${1%-*}")" | sed 's/^0*//; s/-/ /; s/-nonblock//; s/full-server/full/' ;;
	own) echo "your server" ;;
	*) echo "$1" ;;
	esac
}

# The adapter that starts it: ours, when it must be told more than the ladder tells it.
adapter_of() {
	case $1 in
	[0-9]*) name=$(basename "$(stage_folder "$1")") ;;
	fork | thread | handoff | uring) name=road-$1 ;;
	own | bare-*) name=plain ;;
	*) name=$1 ;;
	esac
	for file in "tools/bench/adapter/$name" "tests/ladder/adapter/$name" "tests/ladder/adapter/${name%%.*}" tests/ladder/adapter/plain; do
		[ ! -f "$file" ] || break
	done
	echo "$PWD/$file"
}

program_of() {
	case $1 in
	[0-9]* | fork | thread | handoff | uring) tools/stage build "$1" ;;
	bare-*) helper "$1" && echo "$PWD/build/tools/$1" ;;
	own) echo "$SERVER" ;;
	*) echo "$1" ;;
	esac
}

port_of() { cat "$scratch/$1/port"; }
pid_of() { cat "$scratch/$1/pid"; }
listening() { grep -qs '^listening on' "$scratch/$1/out"; }
answers() { [ "$(wire get -t 5 "$(port_of "$1")" /1k | cut -d ' ' -f 1)" = 200 ]; }
gone() { ! kill -0 "$1" 2>/dev/null; }

# up KEY [ID]   starts a server with $WORKERS and $SLOTS, asks it for a page, warms it up
up() {
	takes 4 || return 0
	progress "starting $(title_of "${2:-$1}")"
	dir=$scratch/$1
	rm -rf "$dir"
	mkdir -p "$dir"
	program=$(program_of "${2:-$1}")	# on a line of its own: where it fails, so do we
	adapter=$(adapter_of "${2:-$1}")
	share_cores "$WORKERS"
	(
		DIR=$dir
		export DIR ROOT WORKERS SLOTS DESCRIPTORS server_cores
		[ -z "${BESIDE_LOAD:-}" ] || server_cores=$load_cores
		exec taskset -c "$server_cores" tools/bench/serve "$adapter" "$program"
	) >"$dir/out" 2>"$dir/log" </dev/null 8>&- 9>&- &
	echo $! >"$dir/pid"
	running="$running $1"
	within 10 listening "$1" || die "$(title_of "${2:-$1}") did not start: $(head -n 1 "$dir/log")"
	# the first such line: after an adapter's, a server may say so itself
	sed -n 's|^listening on http://[^:]*:\([0-9]*\)/.*|\1|p' "$dir/out" | head -n 1 >"$dir/port"
	within 10 answers "$1" || die "$(title_of "${2:-$1}") does not answer: $(wire get "$(port_of "$1")" /1k)"
	verify "$1" 1k
	wire load -t 20 -c 2 "$(port_of "$1")" 600 /1k >/dev/null ||
		die "$(title_of "${2:-$1}") failed while it was warmed up: $(head -n 1 "$dir/log")"
}

# down KEY...   ends servers, and waits until they have gone
down() {
	[ -z "$planning" ] || return 0
	for key; do
		running=$(echo "$running " | sed "s| $key | |; s| $||")
		process=$(pid_of "$key")
		family=$(look cpu "$process" | cut -d ' ' -f 1)
		kill -TERM "$process" 2>/dev/null || :
		within 3 gone "$process" || :
		# shellcheck disable=SC2086
		kill -KILL $family 2>/dev/null || :
		wait "$process" 2>/dev/null || :
	done
}

# finish   the last look at each: does it still answer what it is asked?
finish() {
	[ -z "$planning" ] || return 0
	for key in $running; do verify "$key" 1k; done
	all_down
}

all_down() {
	# shellcheck disable=SC2086  # words
	down $running
}

# verify KEY FILE   is what it answers the file, to the byte?
verify() {
	curl -sS --max-time 20 -o "$scratch/answer" "http://127.0.0.1:$(port_of "$1")/$2" 2>"$scratch/said" ||
		wrong "$1" "$2" "$(head -n 1 "$scratch/said")"
	cmp -s "$scratch/answer" "$ROOT/$2" ||
		wrong "$1" "$2" "$(wc -c <"$scratch/answer") bytes, and they are not those of the file"
}

# wrong KEY FILE WHAT   nothing that this server did is worth a figure
wrong() {
	progress_end
	die "'$1' was asked for /$2 and answered wrongly: $3. Nothing of '$question' is kept"
}

# ---- what was seen ----

# note CASE SERVER ROUND MEASURE VALUE
note() { printf '%s,%s,%s,%s,%s\n' "$@" >>"$scratch/runs.csv"; }

# cannot CASE SERVER REASON   why there is no figure
cannot() { note "$1" "$2" 1 none "$(echo "$3" | tr ',' ';')"; }

# ---- load ----

# run_wrk PORT FILE CONNECTIONS SECONDS [WORDS...]   wrk's sum into $scratch/wrk
run_wrk() {
	wrk_port=$1 wrk_file=$2 wrk_connections=$3 wrk_seconds=$4
	shift 4
	wrk_threads=$((threads < wrk_connections ? threads : wrk_connections))
	(
		taskset -c "$load_cores" wrk -t "$wrk_threads" -c "$wrk_connections" -d "$wrk_seconds" --timeout 8 \
			-s tools/bench/wrk.lua "$@" "http://127.0.0.1:$wrk_port/$wrk_file" >"$scratch/wrk" 2>&1
		# of the shell's children: it had only that one
		times >"$scratch/times"
	) 8>&- 9>&-
	grep -q '^RESULT' "$scratch/wrk" || die "wrk failed: $(head -n 1 "$scratch/wrk")"
}

# spent_by PID   cpu_of, and what its children spent that have exited, in whole hundredths of a second
spent_by() {
	echo "$(cpu_of "$1") $(sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 14,15)" | awk '{ printf "%.0f\n", $1 + ($2 + $3) * 1e7 }'
}

# measure KEY CASE ROUND FILE CONNECTIONS SECONDS [WORDS...]   one run of wrk: what it saw, and
# what it cost the server. PIPELINE is for wrk.lua.
measure() {
	takes $(($6 * 10 + 2)) || return 0
	key=$1 case=$2 round=$3 file=$4 connections=$5
	progress "$(title_of "$key"), $case ${unit:-}"
	shift 3
	process=$(pid_of "$key")
	before=$(spent_by "$process")
	run_wrk "$(port_of "$key")" "$@"
	spent_ns=$(($(spent_by "$process") - before))
	untrue=$(untrue_answers)
	[ -z "$untrue" ] || wrong "$key" "$file" "$untrue"
	# not a lie, but no measure of anything either: select at its limit turns clients away
	failed=$(awk '/^RESULT/ && $6 { print $6 " connections failed, " $2 " requests were answered" }' "$scratch/wrk")
	if [ -n "$failed" ]; then cannot "$case" "$key" "$failed"; else note_run; fi
}

# What wrk's sum says of answers that are not those of the file, if any.
untrue_answers() {
	awk -v size="$(wc -c <"$ROOT/$file")" -v most="$connections" -v depth="${PIPELINE:-1}" '
		/^RESULT/ {
			requests = $2; bytes = $4
			if ($5) print $5 " answers had a status above 399"
			else if (requests == 0) print "no answer within the time"
			else if (bytes < requests * size) print "the answers were shorter than the file"
			else if (bytes > (requests + most * depth) * (size + 2048)) print "the answers were longer than the file"
		}' "$scratch/wrk"
}

# The measures of a run: wrk's (wrk.lua has the order of its sum), and what both sides spent.
note_run() {
	awk -v run="$case,$key,$round" -v spent_ns="$spent_ns" -v load_ms="$(load_ms)" -v workers="$WORKERS" -v threads="$wrk_threads" '
		function measured(what, value) { printf "%s,%s,%s\n", run, what, value }
		/^RESULT/ {
			requests = $2; us = $3
			measured("rps", sprintf("%.0f", requests / us * 1e6))
			measured("cpu_us", sprintf("%.3f", spent_ns / requests / 1e3))
			measured("p50_us", $8)
			measured("p99_us", $9)
			measured("server_busy", sprintf("%.2f", spent_ns / 1e3 / us / workers))
			measured("load_busy", sprintf("%.2f", load_ms * 1e3 / us / threads))
			if ($7) measured("timeouts", $7)
		}' "$scratch/wrk" >>"$scratch/runs.csv"
}

# The milliseconds that wrk has spent on its core: the second line of times, "0m0.51s 0m0.40s".
load_ms() {
	sed -n 2p "$scratch/times" | tr 'ms ' '   ' |
		awk '{ printf "%.0f\n", ($1 * 60 + $2 + $3 * 60 + $4) * 1000 }'
}

# ---- idle clients ----

# hold_idle KEY COUNT [WORDS...]   until let_go; what hold said in $held
hold_idle() {
	hold_key=$1 hold_count=$2
	shift 2
	dir=$scratch/$hold_key
	rm -f "$dir/hold" "$dir/held"
	mkfifo "$dir/hold"
	(
		[ -z "${HOLD_DESCRIPTORS:-}" ] || ulimit -n "$HOLD_DESCRIPTORS"
		exec taskset -c "$load_cores" hold -t 5 "$@" "$(port_of "$hold_key")" "$hold_count"
	) <"$dir/hold" >"$dir/held" 2>&1 &
	echo $! >"$dir/holder"
	# it ends when no process has this end open any more
	sleep 600 >"$dir/hold" &
	echo $! >"$dir/keeper"
	holding="$holding $hold_key"
	within 90 test -s "$dir/held" || die "$hold_count idle connections did not stand within 90 s"
	held=$(head -n 1 "$dir/held")
}

# held_now KEY   "1020 open, 480 closed by the server"
more_held() { [ "$(wc -l <"$1")" -gt "$2" ]; }
held_now() {
	dir=$scratch/$1
	lines=$(wc -l <"$dir/held")
	echo >"$dir/hold"
	within 10 more_held "$dir/held" "$lines"
	tail -n 1 "$dir/held"
}

let_go() {
	[ -z "$planning" ] || return 0
	for key; do
		holding=$(echo "$holding " | sed "s| $key | |; s| $||")
		kill "$(cat "$scratch/$key/keeper")" "$(cat "$scratch/$key/holder")" 2>/dev/null || :
		wait "$(cat "$scratch/$key/holder")" "$(cat "$scratch/$key/keeper")" 2>/dev/null || :
	done
}

all_let_go() {
	# shellcheck disable=SC2086
	let_go $holding
}
